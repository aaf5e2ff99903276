-- Deletes expired counters: those of failed logins, and those that stood in for Redis. Gives their number. Every count
-- deletes a few of them as well, but after a flood nobody may be counting.

WITH
  "expired_0" AS (
    DELETE FROM failed_login_attempts
    WHERE
      key = ANY (
        ARRAY(
          SELECT
            key
          FROM
            failed_login_attempts
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
  ),
  "expired_1" AS (
    DELETE FROM rate_limit_fallback
    WHERE
      key = ANY (
        ARRAY(
          SELECT
            key
          FROM
            rate_limit_fallback
          WHERE
            expires_at < $3::timestamptz
          ORDER BY
            expires_at
          LIMIT
            $4
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
  ) + (
    SELECT
      count(*)
    FROM
      "expired_1"
  ) AS count;
