-- Deletes or closes the account, and gives the time when it is erased. Undefined when the confirmed password is no
-- longer the current one. The login counters of `counterOwners` are deleted at once. Security events stay, but no
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
  "person" AS (
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
      JOIN person ON d.user_id = person.id
    WHERE
      d.expires_at > $8::timestamptz
  ),
  "deleted" AS (
    DELETE FROM users USING person,
    undo
    WHERE
      users.id = person.id
      AND undo.ends_at IS NULL
    RETURNING
      users.id,
      users.email
  ),
  "closed" AS (
    UPDATE users
    SET
      disabled_at = $9::timestamptz,
      deletion_due_at = undo.ends_at
    FROM
      person,
      undo
    WHERE
      users.id = person.id
      AND undo.ends_at IS NOT NULL
    RETURNING
      users.id,
      users.email,
      undo.email AS old_email
  ),
  "ended" AS (
    UPDATE user_sessions
    SET
      revoked_at = $10::timestamptz,
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
          owner_key IN ($11::bytea, $12::bytea)
        ORDER BY
          key
        FOR UPDATE
      )
      AND EXISTS (
        SELECT
        FROM
          person
      )
  ),
  "deletion" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $13::uuid,
      'account.deleted',
      NULL::uuid,
      NULL::uuid,
      NULL::text,
      $14::text,
      $15::text,
      $16::text,
      $17::timestamptz
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
      $18::uuid,
      'account.deletion_requested',
      id::uuid,
      $19::uuid,
      NULL::text,
      $20::text,
      $21::text,
      $22::text,
      $23::timestamptz
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
      $24::uuid,
      'account_deletion_requested',
      id,
      email::text,
      NULL::bytea,
      $25::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $26::timestamptz
      END,
      $27::timestamptz
    FROM
      closed
  ),
  "to_old" AS (
    INSERT INTO
      email_outbox (id, kind, user_id, recipient, recipient_key, event_id, status, failure, finished_at, created_at)
    SELECT
      $28::uuid,
      'account_deletion_requested',
      id,
      old_email::text,
      NULL::bytea,
      $29::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $30::timestamptz
      END,
      $31::timestamptz
    FROM
      closed
  ),
  "farewell" AS (
    INSERT INTO
      email_outbox (id, kind, user_id, recipient, recipient_key, event_id, status, failure, finished_at, created_at)
    SELECT
      $32::uuid,
      'account_deleted',
      NULL::uuid,
      email::text,
      NULL::bytea,
      $33::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $34::timestamptz
      END,
      $35::timestamptz
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
          COALESCE(undo.ends_at, $36::timestamptz) AS "erasedAt"
        FROM
          person,
          undo
      ) selected
  ) answer ON true;
