-- Counts the try and reads the account of the address, if it has one that a password can open. One trip. The same rows
-- are written for an address that nobody has. Waiting sign-ups of the address are found later, by login-failures.ts.
-- Only one that was imported is read here: its record has a salt of its own.
-- The parts, in their order (the first four are `countTry` of attempts.ts):
--
-- - `known`: does the try come from a known device of the account?
-- - `after_try`: the counters of this try, with the try added to them.
-- - `verdict`: may the password be checked, or is the try locked?
-- - `counted`: the counters are written, unless the try is locked.
-- - `account`: the account of the address.

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
  failed_login_attempts AS held (key, owner_key, user_id, failures, in_a_row, window_ends_at, expires_at)
SELECT
  key,
  owner_key,
  (
    SELECT
      id
    FROM
      users
    WHERE
      email = $5
      AND email_verified_at IS NOT NULL
  ),
  0,
  0,
  $6::timestamptz,
  $7::timestamptz + seconds_kept * interval '1 s'
FROM
  (
    VALUES
      ($8::bytea, $9::bytea, $10::int),
      ($11::bytea, $12::bytea, $13::int),
      ($14::bytea, $15::bytea, $16::int)
  ) AS counter (key, owner_key, seconds_kept)
ORDER BY
  key
ON CONFLICT (key) DO UPDATE
SET
  user_id = excluded.user_id,
  expires_at = GREATEST(held.expires_at, excluded.expires_at),
  in_a_row = CASE
    WHEN held.expires_at <= $17::timestamptz THEN 0
    ELSE held.in_a_row
  END;

-- 2 of the 2 statements of one batch
WITH
  "known" AS (
    SELECT
      EXISTS (
        SELECT
        FROM
          users
        WHERE
          id = $1::uuid
          AND email = $2
          AND email_verified_at IS NOT NULL
          AND password_changed_at = $3::timestamptz
      ) AS is_known
  ),
  "after_try" AS (
    SELECT
      rule.*,
      known.is_known,
      a.locked_until,
      COALESCE(a.in_a_row >= rule.max_in_a_row, false) AS needs_reset,
      COALESCE(a.locked_until > $4::timestamptz, false) AS is_waiting,
      a.in_a_row + 1 AS in_a_row,
      CASE
        WHEN a.window_ends_at > $5::timestamptz THEN a.failures
        ELSE 0
      END + 1 AS failures,
      CASE
        WHEN a.window_ends_at > $6::timestamptz THEN a.window_ends_at
        ELSE $7::timestamptz + rule.length * interval '1 s'
      END AS window_ends_at
    FROM
      (
        VALUES
          ($8::bytea, $9::boolean, $10::int, $11::int, $12::int[], $13::int),
          ($14::bytea, $15::boolean, $16::int, $17::int, $18::int[], $19::int),
          ($20::bytea, $21::boolean, $22::int, $23::int, $24::int[], $25::int)
      ) AS rule (key, for_known, budget, length, waits, max_in_a_row)
      JOIN known ON known.is_known = rule.for_known
      JOIN failed_login_attempts a ON a.key = rule.key
  ),
  "verdict" AS (
    SELECT
      bool_or(
        needs_reset
        OR is_waiting
      ) AS locked,
      bool_and(is_known) AS is_known,
      CASE
        WHEN NOT bool_or(needs_reset) THEN ceil(
          extract(
            epoch
            FROM
              max(locked_until) - $26::timestamptz
          )
        )::int
      END AS wait_seconds,
      bool_or(COALESCE(in_a_row = max_in_a_row, false)) AS is_last,
      bool_or(
        max_in_a_row IS NULL
        AND failures = 1
      ) AS is_first,
      max(in_a_row) AS in_a_row
    FROM
      after_try
  ),
  "counted" AS (
    UPDATE failed_login_attempts a
    SET
      failures = t.failures,
      in_a_row = t.in_a_row,
      locked_until = CASE
        WHEN t.failures >= t.budget THEN $27::timestamptz + t.waits[LEAST(t.failures - t.budget + 1, cardinality(t.waits))] * interval '1 s'
      END,
      -- Past the budget each try starts a new window: the waits go on until a whole window passes without a try.
      window_ends_at = CASE
        WHEN t.failures >= t.budget THEN $28::timestamptz + t.length * interval '1 s'
        ELSE t.window_ends_at
      END,
      expires_at = CASE
        WHEN t.in_a_row = t.max_in_a_row THEN 'infinity'
        WHEN t.max_in_a_row IS NULL THEN a.expires_at
        ELSE GREATEST(a.expires_at, $29::timestamptz + LEAST(t.in_a_row, $30::int) * interval '1 day')
      END
    FROM
      after_try t,
      verdict
    WHERE
      a.key = t.key
      AND NOT verdict.locked
  ),
  "account" AS (
    SELECT
      id,
      email,
      name,
      password_hash AS "passwordHash",
      password_changed_at AS "passwordChangedAt",
      mfa_epoch AS "mfaEpoch",
      jsonb_build_object(
        'totp',
        EXISTS (
          SELECT
          FROM
            totp_factors f
          WHERE
            f.user_id = users.id
        ),
        'passkeys',
        (
          SELECT
            count(*)
          FROM
            passkeys f
          WHERE
            f.user_id = users.id
        ),
        'recoveryCodes',
        COALESCE(
          (
            SELECT
              $31::int - bit_count(f.used::bit(32))::int
            FROM
              recovery_codes f
            WHERE
              f.user_id = users.id
          ),
          0
        ),
        'isRequired',
        users.mfa_required
      ) AS factors,
      created_at AS "createdAt"
    FROM
      users
    WHERE
      email = $32
      AND email_verified_at IS NOT NULL
      AND password_hash IS NOT NULL
      AND disabled_at IS NULL
  )
SELECT
  verdict.locked AS "isLocked",
  verdict.wait_seconds AS "waitSeconds",
  verdict.is_known AS "isKnownDevice",
  verdict.is_last AS "isLast",
  verdict.is_first AS "isFirst",
  to_jsonb(account) AS account,
  (
    SELECT
      password_hash
    FROM
      users imported
    WHERE
      imported.email = $33
      AND email_verified_at IS NULL
      AND external_source IS NOT NULL
      AND pending_expires_at > $34::timestamptz
  ) AS imported
FROM
  verdict
  LEFT JOIN account ON true;
