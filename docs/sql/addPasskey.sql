-- Adds a passkey. `gone`: the session has ended. `void`: the ticket was used, password or factors have changed since,
-- there are too many, or the passkey is registered already, whoever has it.

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
  "person" AS (
    SELECT
      id,
      email
    FROM
      users,
      bearer
    WHERE
      users.id = $5::uuid
      AND users.password_changed_at = $6::timestamptz
      AND users.mfa_epoch = $7::int
      AND NOT EXISTS (
        SELECT
        FROM
          passkeys
        WHERE
          id = $8::uuid
      )
      AND (
        SELECT
          count(*)
        FROM
          passkeys
        WHERE
          user_id = $9::uuid
      ) < $10
  ),
  "added" AS (
    INSERT INTO
      passkeys (
        id,
        user_id,
        rp_id,
        credential_id,
        public_key,
        counter,
        transports,
        aaguid,
        backup_eligible,
        backed_up,
        name,
        created_at
      )
    SELECT
      $11::uuid,
      id,
      $12,
      $13::bytea,
      $14::bytea,
      $15::bigint,
      $16::text[],
      $17::uuid,
      $18::boolean,
      $19::boolean,
      $20::text,
      $21::timestamptz
    FROM
      person
    ON CONFLICT (credential_id) DO NOTHING
    RETURNING
      user_id
  ),
  "adding" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $22::uuid,
      'passkey.added',
      user_id::uuid,
      $23::uuid,
      NULL::text,
      $24::text,
      $25::text,
      $26::text,
      $27::timestamptz
    FROM
      added
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
      $28::uuid,
      'passkey_added',
      person.id,
      email::text,
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
      person
      JOIN added ON added.user_id = person.id
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
          "adding"
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
              added
          ) AS "isAdded"
        FROM
          bearer
      ) selected
  ) answer ON true;
