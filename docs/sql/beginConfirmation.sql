-- Counts the try and reads what the bearer's password is judged by: nothing when the session has ended.

-- 1 of the 2 statements of one batch
WITH
  swept AS (
    DELETE FROM failed_login_attempts
    WHERE
      key IN (
        SELECT
          key
        FROM
          failed_login_attempts
        WHERE
          expires_at <= now()
          AND key NOT IN ($1::bytea, $2::bytea, $3::bytea)
        LIMIT
          $4
        FOR UPDATE
          SKIP LOCKED
      )
  )
INSERT INTO
  failed_login_attempts AS held (key, owner_key, failures, in_a_row, window_ends_at, expires_at)
SELECT
  key,
  owner_key,
  0,
  0,
  $5::timestamptz,
  $6::timestamptz + seconds_kept * interval '1 s'
FROM
  (
    VALUES
      ($7::bytea, $8::bytea, $9::int),
      ($10::bytea, $11::bytea, $12::int),
      ($13::bytea, $14::bytea, $15::int)
  ) AS counter (key, owner_key, seconds_kept)
ORDER BY
  key
ON CONFLICT (key) DO UPDATE
SET
  expires_at = GREATEST(held.expires_at, excluded.expires_at),
  in_a_row = CASE
    WHEN held.expires_at <= $16::timestamptz THEN 0
    ELSE held.in_a_row
  END;

-- 2 of the 2 statements of one batch
WITH
  "known" AS (
    SELECT
      true AS is_known
  ),
  "met" AS (
    SELECT
      rule.*,
      known.is_known,
      a.locked_until,
      COALESCE(a.in_a_row >= rule.max_in_a_row, false) AS is_closed,
      COALESCE(a.locked_until > $1::timestamptz, false) AS is_waiting,
      a.in_a_row + 1 AS in_a_row,
      CASE
        WHEN a.window_ends_at > $2::timestamptz THEN a.failures
        ELSE 0
      END + 1 AS failures,
      CASE
        WHEN a.window_ends_at > $3::timestamptz THEN a.window_ends_at
        ELSE $4::timestamptz + rule.length * interval '1 s'
      END AS window_ends_at
    FROM
      (
        VALUES
          ($5::bytea, $6::boolean, $7::int, $8::int, $9::int[], $10::int),
          ($11::bytea, $12::boolean, $13::int, $14::int, $15::int[], $16::int),
          ($17::bytea, $18::boolean, $19::int, $20::int, $21::int[], $22::int)
      ) AS rule (key, for_known, budget, length, waits, max_in_a_row)
      JOIN known ON known.is_known = rule.for_known
      JOIN failed_login_attempts a ON a.key = rule.key
  ),
  "verdict" AS (
    SELECT
      bool_or(
        is_closed
        OR is_waiting
      ) AS locked,
      bool_and(is_known) AS is_known,
      CASE
        WHEN NOT bool_or(is_closed) THEN ceil(
          extract(
            epoch
            FROM
              max(locked_until) - $23::timestamptz
          )
        )::int
      END AS wait_seconds,
      bool_or(COALESCE(in_a_row = max_in_a_row, false)) AS is_last,
      bool_or(
        max_in_a_row IS NULL
        AND failures = 1
      ) AS is_first
    FROM
      met
  ),
  "counted" AS (
    UPDATE failed_login_attempts a
    SET
      failures = met.failures,
      in_a_row = met.in_a_row,
      locked_until = CASE
        WHEN met.failures >= met.budget THEN $24::timestamptz + met.waits[LEAST(met.failures - met.budget + 1, cardinality(met.waits))] * interval '1 s'
      END,
      -- Who goes on past the budget goes on being slow, until a whole window has passed in peace.
      window_ends_at = CASE
        WHEN met.failures >= met.budget THEN $25::timestamptz + met.length * interval '1 s'
        ELSE met.window_ends_at
      END,
      expires_at = CASE
        WHEN met.in_a_row = met.max_in_a_row THEN 'infinity'
        WHEN met.max_in_a_row IS NULL THEN a.expires_at
        ELSE GREATEST(a.expires_at, $26::timestamptz + LEAST(met.in_a_row, $27::int) * interval '1 day')
      END
    FROM
      met,
      verdict
    WHERE
      a.key = met.key
      AND NOT verdict.locked
  ),
  "own" AS (
    SELECT
      users.email,
      users.name,
      users.password_hash AS "passwordHash",
      users.password_changed_at AS "passwordChangedAt",
      session.transport,
      COALESCE(
        session.password_changed_at = users.password_changed_at
        AND users.password_changed_at > $28::timestamptz,
        false
      ) AS "isSetHere"
    FROM
      users
      JOIN user_sessions session ON session.id = $29::uuid
    WHERE
      users.id = $30::uuid
      AND EXISTS (
        SELECT
        FROM
          users person
        WHERE
          person.id = $31::uuid
          AND person.disabled_at IS NULL
          AND person.id = (
            SELECT
              s.user_id
            FROM
              user_sessions s
            WHERE
              s.id = $32::uuid
              AND s.revoked_at IS NULL
              AND s.expires_at > $33::timestamptz
              AND s.idle_expires_at > $34::timestamptz
          )
      )
  )
SELECT
  verdict.locked AS "isLocked",
  verdict.wait_seconds AS "waitSeconds",
  to_jsonb(own) AS own
FROM
  verdict
  LEFT JOIN own ON true;
