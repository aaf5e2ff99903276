-- Cancels or undoes the change of the link. `mails` are the ids of the two mails that tell both mailboxes about an
-- undo.

-- 1 of the 3 statements of one batch
SELECT
  pg_advisory_xact_lock(hashtextextended (regexp_replace(email, '\+.*@', '@'), 0))
FROM
  email_change_undos
WHERE
  id = $1::uuid;

-- 2 of the 3 statements of one batch
SELECT
FROM
  users
WHERE
  id = (
    SELECT
      user_id
    FROM
      email_change_undos
    WHERE
      id = $1::uuid
    UNION ALL
    SELECT
      user_id
    FROM
      verification_tokens
    WHERE
      id = $2::uuid
    LIMIT
      1
  )
FOR NO KEY UPDATE;

-- 3 of the 3 statements of one batch
WITH
  "cancelled" AS (
    DELETE FROM verification_tokens
    WHERE
      id = $1::uuid
      AND purpose = 'change_email'
      AND used_at IS NULL
    RETURNING
      user_id
  ),
  "person" AS (
    UPDATE users
    SET
      email = undo.email,
      password_hash = NULL,
      password_changed_at = GREATEST($2::timestamptz, password_changed_at + interval '1 millisecond'),
      mfa_epoch = mfa_epoch + 1,
      disabled_at = CASE
        WHEN deletion_due_at IS NULL
        OR disabled_by IS NOT NULL THEN disabled_at
      END,
      deletion_due_at = NULL
    FROM
      (
        SELECT
          d.user_id,
          d.email,
          u.email AS replaced,
          (
            SELECT
              min(first.created_at)
            FROM
              email_change_undos first
            WHERE
              first.user_id = d.user_id
          ) AS changed_at
        FROM
          email_change_undos d
          JOIN users u ON u.id = d.user_id
        WHERE
          d.id = $3::uuid
          AND d.expires_at > $4::timestamptz
      ) undo
    WHERE
      users.id = undo.user_id
    RETURNING
      users.id,
      users.email,
      undo.replaced,
      undo.changed_at
  ),
  "undos" AS (
    DELETE FROM email_change_undos USING person
    WHERE
      user_id = person.id
  ),
  "waiting" AS (
    DELETE FROM verification_tokens USING person
    WHERE
      user_id = person.id
  ),
  "links" AS (
    DELETE FROM password_reset_tokens USING person
    WHERE
      user_id = person.id
  ),
  "apps" AS (
    DELETE FROM totp_factors f USING person
    WHERE
      f.user_id = person.id
      AND f.created_at >= person.changed_at
  ),
  "passkeys" AS (
    DELETE FROM passkeys f USING person
    WHERE
      f.user_id = person.id
      AND f.created_at >= person.changed_at
  ),
  "codes" AS (
    DELETE FROM recovery_codes f USING person
    WHERE
      f.user_id = person.id
      AND f.created_at >= person.changed_at
  ),
  "ended" AS (
    UPDATE user_sessions
    SET
      revoked_at = $5::timestamptz,
      revoked_reason = 'email_change_undone'
    FROM
      person
    WHERE
      user_id = person.id
      AND revoked_at IS NULL
  ),
  "cancellation" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $6::uuid,
      'email.change_cancelled',
      user_id::uuid,
      NULL::uuid,
      NULL::text,
      $7::text,
      $8::text,
      $9::text,
      $10::timestamptz
    FROM
      cancelled
    RETURNING
      kind,
      user_id,
      session_id,
      reason
  ),
  "undoing" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $11::uuid,
      'email.change_undone',
      id::uuid,
      NULL::uuid,
      NULL::text,
      $12::text,
      $13::text,
      $14::text,
      $15::timestamptz
    FROM
      person
    RETURNING
      kind,
      user_id,
      session_id,
      reason
  ),
  "to_restored" AS (
    INSERT INTO
      email_outbox (id, kind, user_id, recipient, recipient_key, event_id, status, failure, finished_at, created_at)
    SELECT
      $16::uuid,
      'email_change_undone',
      id,
      email::text,
      NULL::bytea,
      $17::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $18::timestamptz
      END,
      $19::timestamptz
    FROM
      person
  ),
  "to_replaced" AS (
    INSERT INTO
      email_outbox (id, kind, user_id, recipient, recipient_key, event_id, status, failure, finished_at, created_at)
    SELECT
      $20::uuid,
      'email_change_undone',
      id,
      replaced::text,
      NULL::bytea,
      $21::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $22::timestamptz
      END,
      $23::timestamptz
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
          "cancellation"
        UNION ALL
        SELECT
          kind,
          user_id,
          session_id,
          reason
        FROM
          "undoing"
      ) written
  ) noted
  LEFT JOIN (
    SELECT
      true AS is_answer,
      selected.*
    FROM
      (
        SELECT
          CASE
            WHEN EXISTS (
              SELECT
              FROM
                person
            ) THEN 'undone'
            WHEN EXISTS (
              SELECT
              FROM
                cancelled
            ) THEN 'cancelled'
            ELSE 'none'
          END AS outcome
      ) selected
  ) answer ON true;
