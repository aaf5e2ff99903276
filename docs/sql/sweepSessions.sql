-- Deletes sessions past their absolute end; answers how many. One that ended before stays until then: an old refresh
-- token of it must still be known as such.

WITH
  "expired_0" AS (
    DELETE FROM user_sessions
    WHERE
      id = ANY (
        ARRAY(
          SELECT
            id
          FROM
            user_sessions
          WHERE
            expires_at < $1::timestamptz
          ORDER BY
            expires_at
          LIMIT
            $2
          FOR UPDATE
            SKIP LOCKED
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
