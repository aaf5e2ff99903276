-- Adds the app, or replaces the one there was. `isNewSet`: the recovery codes of `codes` are those of the person from now
-- on. `gone`: the session has ended. `void`: password or factors have changed since the ticket was given; so a ticket
-- works once. The code of the enrolment is used up.

-- 1 of the 2 statements of one batch
SELECT
FROM
  users
WHERE
  id = $1::uuid
FOR NO KEY UPDATE;

-- 2 of the 2 statements of one batch
WITH
  "bearer" AS (
    SELECT
    WHERE
      EXISTS (
        SELECT
        FROM
          users person
        WHERE
          person.id = $1::uuid
          AND person.disabled_at IS NULL
          AND person.id = (
            SELECT
              s.user_id
            FROM
              user_sessions s
            WHERE
              s.id = $2::uuid
              AND s.revoked_at IS NULL
              AND s.expires_at > $3::timestamptz
              AND s.idle_expires_at > $4::timestamptz
          )
      )
  ),
  "before" AS (
    SELECT
      user_id
    FROM
      totp_factors
    WHERE
      user_id = $5::uuid
  ),
  "person" AS (
    UPDATE users
    SET
      mfa_epoch = mfa_epoch + 1
    FROM
      bearer
    WHERE
      users.id = $6::uuid
      AND users.password_changed_at = $7::timestamptz
      AND users.mfa_epoch = $8::int
    RETURNING
      users.id,
      users.email
  ),
  "factor" AS (
    INSERT INTO
      totp_factors (user_id, sealed, key_id, last_step, created_at)
    SELECT
      id,
      $9::bytea,
      $10,
      $11::bigint,
      $12::timestamptz
    FROM
      person
    ON CONFLICT (user_id) DO UPDATE
    SET
      sealed = EXCLUDED.sealed,
      key_id = EXCLUDED.key_id,
      last_step = EXCLUDED.last_step,
      created_at = EXCLUDED.created_at
  ),
  "codes" AS (
    INSERT INTO
      recovery_codes (user_id, set_id, key_id, created_at)
    SELECT
      id,
      $13::uuid,
      $14,
      $15::timestamptz
    FROM
      person
    ON CONFLICT (user_id) DO NOTHING
    RETURNING
      set_id
  ),
  "ended" AS (
    UPDATE user_sessions
    SET
      revoked_at = $16::timestamptz,
      revoked_reason = 'factor_removed'
    FROM
      person,
      before gone
    WHERE
      user_sessions.user_id = person.id
      AND gone.user_id = person.id
      AND user_sessions.id <> $17::uuid
      AND revoked_at IS NULL
  ),
  "enabling" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $18::uuid,
      'mfa.enabled',
      id::uuid,
      $19::uuid,
      NULL::text,
      $20::text,
      $21::text,
      $22::text,
      $23::timestamptz
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
      $24::uuid,
      'mfa_enabled',
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
          "enabling"
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
              person
          ) AS "isAdded",
          EXISTS (
            SELECT
            FROM
              codes
          ) AS "isNewSet"
        FROM
          bearer
      ) selected
  ) answer ON true;
