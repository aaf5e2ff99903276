-- Removes a passkey, and what stands in for it when it was the last factor: that one is owed, and the recovery codes.
-- All other sessions end. Undefined when the proof does not hold; `isRemoved` is false when there is no such passkey.

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
      AND NOT EXISTS (
        SELECT
        FROM
          security_events
        WHERE
          id = $9::uuid
      )
  ),
  "spent" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $10::uuid,
      'stepup.used',
      id::uuid,
      $11::uuid,
      NULL::text,
      $12::text,
      $13::text,
      $14::text,
      $15::timestamptz
    FROM
      prover
    RETURNING
      kind,
      user_id,
      session_id,
      reason
  ),
  "removed" AS (
    DELETE FROM passkeys k USING prover
    WHERE
      k.id = $16::uuid
      AND k.user_id = prover.id
    RETURNING
      k.user_id
  ),
  "person" AS (
    UPDATE users
    SET
      mfa_epoch = mfa_epoch + 1,
      mfa_required = mfa_required
      AND EXISTS (
        SELECT
        FROM
          passkeys k
        WHERE
          k.user_id = $17::uuid
          AND k.id <> $18::uuid
      )
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
      AND NOT (
        EXISTS (
          SELECT
          FROM
            totp_factors
          WHERE
            user_id = $19::uuid
        )
        OR EXISTS (
          SELECT
          FROM
            passkeys k
          WHERE
            k.user_id = $20::uuid
            AND k.id <> $21::uuid
        )
      )
  ),
  "ended" AS (
    UPDATE user_sessions
    SET
      revoked_at = $22::timestamptz,
      revoked_reason = 'factor_removed'
    FROM
      person,
      removed gone
    WHERE
      user_sessions.user_id = person.id
      AND gone.user_id = person.id
      AND user_sessions.id <> $23::uuid
      AND revoked_at IS NULL
  ),
  "removing" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $24::uuid,
      'passkey.removed',
      id::uuid,
      $25::uuid,
      NULL::text,
      $26::text,
      $27::text,
      $28::text,
      $29::timestamptz
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
      $30::uuid,
      'passkey_removed',
      id,
      email::text,
      NULL::bytea,
      $31::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $32::timestamptz
      END,
      $33::timestamptz
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
          "spent"
        UNION ALL
        SELECT
          kind,
          user_id,
          session_id,
          reason
        FROM
          "removing"
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
