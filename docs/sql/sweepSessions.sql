-- Deletes sessions past their absolute end, and gives their number. One that ended earlier stays until then, so that
-- an old refresh token of it is still recognised.

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
