-- Counts the try (the parts of `countTry`) and reads what the answer is judged by. `person` is null when the ticket is
-- used, or made void. A recovery code is too long to be guessed, and a passkey cannot be: their tries are not counted,
-- so `counters` is empty. `credentialId` is the passkey that the answer names.

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
  $5::uuid,
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
      true AS is_known
  ),
  "after_try" AS (
    SELECT
      rule.*,
      known.is_known,
      a.locked_until,
      COALESCE(a.in_a_row >= rule.max_in_a_row, false) AS needs_reset,
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
        needs_reset
        OR is_waiting
      ) AS locked,
      bool_and(is_known) AS is_known,
      CASE
        WHEN NOT bool_or(needs_reset) THEN ceil(
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
        WHEN t.failures >= t.budget THEN $24::timestamptz + t.waits[LEAST(t.failures - t.budget + 1, cardinality(t.waits))] * interval '1 s'
      END,
      -- Past the budget each try starts a new window: the waits go on until a whole window passes without a try.
      window_ends_at = CASE
        WHEN t.failures >= t.budget THEN $25::timestamptz + t.length * interval '1 s'
        ELSE t.window_ends_at
      END,
      expires_at = CASE
        WHEN t.in_a_row = t.max_in_a_row THEN 'infinity'
        WHEN t.max_in_a_row IS NULL THEN a.expires_at
        ELSE GREATEST(a.expires_at, $26::timestamptz + LEAST(t.in_a_row, $27::int) * interval '1 day')
      END
    FROM
      after_try t,
      verdict
    WHERE
      a.key = t.key
      AND NOT verdict.locked
  ),
  "person" AS (
    SELECT
      id,
      email,
      name,
      created_at AS "createdAt",
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
              $28::int - bit_count(f.used::bit(32))::int
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
      jsonb_build_object(
        'totp',
        (
          SELECT
            jsonb_build_object(
              'sealed',
              translate(encode(f.sealed, 'base64'), E'\n', ''),
              'keyId',
              f.key_id,
              'lastStep',
              f.last_step
            )
          FROM
            totp_factors f
          WHERE
            f.user_id = users.id
        ),
        'recovery',
        (
          SELECT
            jsonb_build_object('setId', f.set_id, 'keyId', f.key_id, 'used', f.used)
          FROM
            recovery_codes f
          WHERE
            f.user_id = users.id
        ),
        'passkey',
        (
          SELECT
            jsonb_build_object(
              'id',
              k.id,
              'publicKey',
              translate(encode(k.public_key, 'base64'), E'\n', ''),
              'counter',
              k.counter,
              'isBackupEligible',
              k.backup_eligible,
              'userHandle',
              translate(encode(users.passkey_handle, 'base64'), E'\n', '')
            )
          FROM
            passkeys k
          WHERE
            k.credential_id = $29::bytea
            AND k.user_id = users.id
        )
      ) AS material
    FROM
      users
    WHERE
      users.id = $30::uuid
      AND users.password_changed_at = $31::timestamptz
      AND users.mfa_epoch = $32::int
      AND users.email_verified_at IS NOT NULL
      AND users.disabled_at IS NULL
      AND NOT EXISTS (
        SELECT
        FROM
          user_sessions opened
        WHERE
          opened.id = $33::uuid
      )
  )
SELECT
  verdict.locked AS "isLocked",
  verdict.wait_seconds AS "waitSeconds",
  verdict.in_a_row AS "inARow",
  to_jsonb(person) AS person
FROM
  verdict
  LEFT JOIN person ON true;
