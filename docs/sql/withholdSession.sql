-- Instead of `openSession`, when a second factor is owed: one trip as well. False if the proof does not hold. No event:
-- a login is recorded when it succeeds or fails.

WITH
  "proven" AS (
    SELECT
      id,
      email
    FROM
      users
    WHERE
      id = $1::uuid
      AND email = $2
      AND password_changed_at = $3::timestamptz
      AND email_verified_at IS NOT NULL
      AND disabled_at IS NULL
  ),
  "judged" AS (
    SELECT
      proven.id,
      proven.email
    FROM
      proven
      JOIN users ON users.id = proven.id
    WHERE
      users.mfa_epoch = $4::int
      AND users.disabled_at IS NULL
  ),
  "rehashed" AS (
    UPDATE users
    SET
      password_hash = $5::text
    FROM
      judged
    WHERE
      users.id = judged.id
      AND $6::text IS NOT NULL
  ),
  "uncounted" AS (
    UPDATE failed_login_attempts a
    SET
      in_a_row = GREATEST(a.in_a_row - 1, 0),
      failures = GREATEST(failures - 1, 0),
      -- If this was the try that disabled the password: it is enabled again, and the row expires again.
      expires_at = LEAST(expires_at, window_ends_at + $7::int * interval '1 day'),
      locked_until = CASE
        WHEN failures > budget THEN locked_until
      END
    FROM
      (
        VALUES
          ($8::bytea, $9::int),
          ($10::bytea, $11::int)
      ) AS rule (key, budget)
      JOIN (
        SELECT
          key
        FROM
          failed_login_attempts
        WHERE
          key IN ($12::bytea, $13::bytea, $14::bytea)
        ORDER BY
          key
        FOR UPDATE
      ) AS held ON held.key = rule.key
    WHERE
      a.key = rule.key
      AND EXISTS (
        SELECT
        FROM
          judged
      )
  )
SELECT
  id
FROM
  judged;
