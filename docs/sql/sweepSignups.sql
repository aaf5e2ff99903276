-- Deletes sign-ups that were not proven in time, with their tokens, and gives their number.

WITH
  "expired_0" AS (
    DELETE FROM users
    WHERE
      id = ANY (
        ARRAY(
          SELECT
            id
          FROM
            users
          WHERE
            email_verified_at IS NULL
            AND pending_expires_at < $1::timestamptz
          ORDER BY
            pending_expires_at
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
