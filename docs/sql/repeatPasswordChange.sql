-- The same change sent again, because its answer was lost: renews the session once more, and does nothing else.

-- 1 of the 3 statements of one batch
SELECT
FROM
  users
WHERE
  id = $1::uuid
FOR NO KEY UPDATE;

-- 2 of the 3 statements of one batch
SELECT
FROM
  user_sessions
WHERE
  id = $1::uuid
FOR UPDATE;

-- 3 of the 3 statements of one batch
WITH
  "person" AS (
    SELECT
      id,
      password_changed_at
    FROM
      users
    WHERE
      users.id = $1::uuid
      AND users.email = $2
      AND users.password_changed_at = $3::timestamptz
      AND EXISTS (
        SELECT
        FROM
          users person
        WHERE
          person.id = $4::uuid
          AND person.disabled_at IS NULL
          AND person.id = (
            SELECT
              s.user_id
            FROM
              user_sessions s
            WHERE
              s.id = $5::uuid
              AND s.revoked_at IS NULL
              AND s.expires_at > $6::timestamptz
              AND s.idle_expires_at > $7::timestamptz
          )
      )
  ),
  "session" AS (
    UPDATE user_sessions s
    SET
      secret_hash = $8::bytea,
      device_id = $9::uuid,
      generation = 0,
      exchanged_generation = NULL,
      rotated_at = NULL,
      password_changed_at = person.password_changed_at,
      used_before_at = CASE
        WHEN s.last_used_at < date_bin('5 minutes', $10::timestamptz, 'epoch'::timestamptz) THEN s.last_used_at
        ELSE s.used_before_at
      END,
      last_used_at = $11::timestamptz,
      idle_expires_at = LEAST(expires_at, $12::timestamptz)
    FROM
      person
    WHERE
      s.id = $13::uuid
    RETURNING
      s.*
  ),
  "cleared" AS (
    UPDATE failed_login_attempts a
    SET
      in_a_row = CASE
        WHEN NOT has_counted
        AND a.in_a_row >= max_in_a_row THEN in_a_row
        ELSE 0
      END,
      expires_at = CASE
        WHEN NOT has_counted
        AND a.in_a_row >= max_in_a_row THEN expires_at
        ELSE $14::timestamptz + seconds_kept * interval '1 s'
      END,
      failures = CASE
        WHEN NOT has_counted THEN failures
        WHEN is_shared THEN GREATEST(failures - 1, 0)
        ELSE 0
      END,
      locked_until = CASE
        WHEN has_counted
        AND (
          NOT is_shared
          OR failures <= budget
        ) THEN NULL
        ELSE locked_until
      END
    FROM
      (
        VALUES
          ($15::bytea, $16::boolean, $17::boolean, $18::int, $19::int, $20::int),
          ($21::bytea, $22::boolean, $23::boolean, $24::int, $25::int, $26::int)
      ) AS rule (key, has_counted, is_shared, budget, max_in_a_row, seconds_kept)
      JOIN (
        SELECT
          key
        FROM
          failed_login_attempts
        WHERE
          key IN ($27::bytea, $28::bytea, $29::bytea)
        ORDER BY
          key
        FOR UPDATE
      ) AS held ON held.key = rule.key
    WHERE
      a.key = rule.key
      AND EXISTS (
        SELECT
        FROM
          person
      )
  )
SELECT
  password_changed_at AS "passwordChangedAt",
  amr,
  created_at AS "authenticatedAt",
  expires_at AS "expiresAt"
FROM
  session;
