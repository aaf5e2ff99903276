-- Deletes or closes the account, and gives the time when it is erased, and mails that the proof causes. Undefined when
-- the proof no longer holds. The login counters of `counterOwners` are deleted at once. Security events stay, but no
-- longer say whose they were (trigger `forget_person`). Mails that are owed are still sent.

-- 1 of the 3 statements of one batch
SELECT
FROM
  users
WHERE
  id = $1::uuid
FOR NO KEY UPDATE;

-- 2 of the 3 statements of one batch
WITH
  sessions AS (
    SELECT
    FROM
      user_sessions
    WHERE
      user_id = $1::uuid
    FOR UPDATE
  ),
  codes AS (
    SELECT
    FROM
      verification_tokens
    WHERE
      user_id = $2::uuid
    FOR UPDATE
  ),
  links AS (
    SELECT
    FROM
      password_reset_tokens
    WHERE
      user_id = $3::uuid
    FOR UPDATE
  )
SELECT
  (
    SELECT
      count(*)
    FROM
      sessions
  ),
  (
    SELECT
      count(*)
    FROM
      codes
  ),
  (
    SELECT
      count(*)
    FROM
      links
  );

-- 3 of the 3 statements of one batch
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
          email_change_undos d
          JOIN prover ON d.user_id = prover.id
        WHERE
          d.expires_at > $14::timestamptz
      )
    RETURNING
      users.id,
      users.email,
      $15::int - bit_count(f.used::bit(32))::int AS codes_left
  ),
  "recovery" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $16::uuid,
      'recovery.used',
      id::uuid,
      $17::uuid,
      codes_left || '_left'::text,
      $18::text,
      $19::text,
      $20::text,
      $21::timestamptz
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
      $22::uuid,
      'recovery_code_used',
      id,
      email::text,
      NULL::bytea,
      $23::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $24::timestamptz
      END,
      $25::timestamptz
    FROM
      spent
  ),
  "undo" AS (
    SELECT
      max(expires_at) AS ends_at,
      (
        array_agg(
          d.email
          ORDER BY
            d.created_at
        )
      ) [1] AS email
    FROM
      email_change_undos d
      JOIN prover ON d.user_id = prover.id
    WHERE
      d.expires_at > $26::timestamptz
  ),
  "deleted" AS (
    DELETE FROM users USING prover,
    undo
    WHERE
      users.id = prover.id
      AND undo.ends_at IS NULL
    RETURNING
      users.id,
      users.email
  ),
  "closed" AS (
    UPDATE users
    SET
      disabled_at = $27::timestamptz,
      deletion_due_at = undo.ends_at
    FROM
      prover,
      undo
    WHERE
      users.id = prover.id
      AND undo.ends_at IS NOT NULL
    RETURNING
      users.id,
      users.email,
      undo.email AS old_email
  ),
  "ended" AS (
    UPDATE user_sessions
    SET
      revoked_at = $28::timestamptz,
      revoked_reason = 'account_disabled'
    FROM
      closed
    WHERE
      user_id = closed.id
      AND revoked_at IS NULL
  ),
  "links" AS (
    DELETE FROM password_reset_tokens USING closed
    WHERE
      user_id = closed.id
  ),
  "waiting" AS (
    DELETE FROM verification_tokens USING closed
    WHERE
      user_id = closed.id
  ),
  "counters" AS (
    DELETE FROM failed_login_attempts
    WHERE
      key IN (
        SELECT
          key
        FROM
          failed_login_attempts
        WHERE
          owner_key IN ($29::bytea, $30::bytea)
        ORDER BY
          key
        FOR UPDATE
      )
      AND EXISTS (
        SELECT
        FROM
          prover
      )
  ),
  "deletion" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $31::uuid,
      'account.deleted',
      NULL::uuid,
      NULL::uuid,
      NULL::text,
      $32::text,
      $33::text,
      $34::text,
      $35::timestamptz
    FROM
      deleted
    RETURNING
      kind,
      user_id,
      session_id,
      reason
  ),
  "request" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $36::uuid,
      'account.deletion_requested',
      id::uuid,
      $37::uuid,
      NULL::text,
      $38::text,
      $39::text,
      $40::text,
      $41::timestamptz
    FROM
      closed
    RETURNING
      kind,
      user_id,
      session_id,
      reason
  ),
  "to_own" AS (
    INSERT INTO
      email_outbox (id, kind, user_id, recipient, recipient_key, event_id, status, failure, finished_at, created_at)
    SELECT
      $42::uuid,
      'account_deletion_requested',
      id,
      email::text,
      NULL::bytea,
      $43::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $44::timestamptz
      END,
      $45::timestamptz
    FROM
      closed
  ),
  "to_old" AS (
    INSERT INTO
      email_outbox (id, kind, user_id, recipient, recipient_key, event_id, status, failure, finished_at, created_at)
    SELECT
      $46::uuid,
      'account_deletion_requested',
      id,
      old_email::text,
      NULL::bytea,
      $47::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $48::timestamptz
      END,
      $49::timestamptz
    FROM
      closed
  ),
  "farewell" AS (
    INSERT INTO
      email_outbox (id, kind, user_id, recipient, recipient_key, event_id, status, failure, finished_at, created_at)
    SELECT
      $50::uuid,
      'account_deleted',
      NULL::uuid,
      email::text,
      NULL::bytea,
      $51::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $52::timestamptz
      END,
      $53::timestamptz
    FROM
      deleted
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
          "deletion"
        UNION ALL
        SELECT
          kind,
          user_id,
          session_id,
          reason
        FROM
          "request"
      ) written
  ) noted
  LEFT JOIN (
    SELECT
      true AS is_answer,
      selected.*
    FROM
      (
        SELECT
          COALESCE(undo.ends_at, $54::timestamptz) AS "erasedAt"
        FROM
          prover,
          undo
      ) selected
  ) answer ON true;
