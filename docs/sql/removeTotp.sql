-- Removes the app, and the recovery codes with it unless the person still owes a second factor. All other sessions end.
-- Undefined when the proof does not hold; `isRemoved` is false when there was none.

-- 1 of the 2 statements of one batch
SELECT
FROM
  users
WHERE
  id = $1::uuid
FOR NO KEY UPDATE;

-- 2 of the 2 statements of one batch
WITH
  "prover" AS (
    SELECT
      id,
      email
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
      AND users.mfa_epoch = $8::int
      AND true
      AND EXISTS (
        SELECT
        FROM
          recovery_codes f
        WHERE
          f.user_id = users.id
          AND f.set_id = $9::uuid
          AND f.used & (1 << $10::int) = 0
      )
  ),
  "spent" AS (
    UPDATE recovery_codes f
    SET
      used = f.used | (1 << $11::int)
    FROM
      users
    WHERE
      f.user_id = users.id
      AND f.set_id = $12::uuid
      AND f.used & (1 << $13::int) = 0
      AND users.id = (
        SELECT
          id
        FROM
          prover
      )
      AND EXISTS (
        SELECT
        FROM
          users u
          JOIN passkeys k ON k.user_id = u.id
        WHERE
          u.id = $14::uuid
          AND (
            u.mfa_required
            OR $15::boolean
          )
      )
    RETURNING
      users.id,
      users.email,
      $16::int - bit_count(f.used::bit(32))::int AS codes_left
  ),
  "recovery" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $17::uuid,
      'recovery.used',
      id::uuid,
      $18::uuid,
      codes_left || '_left'::text,
      $19::text,
      $20::text,
      $21::text,
      $22::timestamptz
    FROM
      spent
    RETURNING
      kind,
      user_id,
      session_id,
      reason
  ),
  "recovery_mail" AS (
    INSERT INTO
      email_outbox (id, kind, user_id, recipient, recipient_key, event_id, status, failure, finished_at, created_at)
    SELECT
      $23::uuid,
      'recovery_code_used',
      id,
      email::text,
      NULL::bytea,
      $24::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $25::timestamptz
      END,
      $26::timestamptz
    FROM
      spent
  ),
  "removed" AS (
    DELETE FROM totp_factors f USING prover
    WHERE
      f.user_id = prover.id
    RETURNING
      f.user_id
  ),
  "person" AS (
    UPDATE users
    SET
      mfa_epoch = mfa_epoch + 1
    FROM
      removed
    WHERE
      users.id = removed.user_id
    RETURNING
      users.id,
      users.email
  ),
  "codes" AS (
    DELETE FROM recovery_codes f USING person
    WHERE
      f.user_id = person.id
      AND NOT EXISTS (
        SELECT
        FROM
          users u
          JOIN passkeys k ON k.user_id = u.id
        WHERE
          u.id = $27::uuid
          AND (
            u.mfa_required
            OR $28::boolean
          )
      )
  ),
  "ended" AS (
    UPDATE user_sessions
    SET
      revoked_at = $29::timestamptz,
      revoked_reason = 'factor_removed'
    FROM
      person,
      removed gone
    WHERE
      user_sessions.user_id = person.id
      AND gone.user_id = person.id
      AND user_sessions.id <> $30::uuid
      AND revoked_at IS NULL
  ),
  "disabling" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $31::uuid,
      'mfa.disabled',
      id::uuid,
      $32::uuid,
      NULL::text,
      $33::text,
      $34::text,
      $35::text,
      $36::timestamptz
    FROM
      person
    RETURNING
      kind,
      user_id,
      session_id,
      reason
  ),
  "mail" AS (
    INSERT INTO
      email_outbox (id, kind, user_id, recipient, recipient_key, event_id, status, failure, finished_at, created_at)
    SELECT
      $37::uuid,
      'mfa_disabled',
      id,
      email::text,
      NULL::bytea,
      $38::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $39::timestamptz
      END,
      $40::timestamptz
    FROM
      person
  )
SELECT
  answer.*,
  noted.events
FROM
  (
    SELECT
      jsonb_agg(written) AS events
    FROM
      (
        SELECT
          kind,
          user_id,
          session_id,
          reason
        FROM
          "recovery"
        UNION ALL
        SELECT
          kind,
          user_id,
          session_id,
          reason
        FROM
          "disabling"
      ) written
  ) noted
  LEFT JOIN (
    SELECT
      true AS is_answer,
      selected.*
    FROM
      (
        SELECT
          EXISTS (
            SELECT
            FROM
              removed
          ) AS "isRemoved"
        FROM
          prover
      ) selected
  ) answer ON true;
