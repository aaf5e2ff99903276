-- Deletes what says of sessions that they ended, once no token of theirs can be alive; answers how many.

WITH
  "expired_0" AS (
    DELETE FROM revoked_sessions
    WHERE
      digest = ANY (
        ARRAY(
          SELECT
            digest
          FROM
            revoked_sessions
          WHERE
            revoked_at < $1::timestamptz
          ORDER BY
            revoked_at
          LIMIT
            $2
        )
      )
    RETURNING
      1
  )
SELECT
  (
    SELECT
      count(*)
    FROM
      "expired_0"
  ) AS count;
