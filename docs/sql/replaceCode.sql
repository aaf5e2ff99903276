-- Replaces the code and owes the mail that carries it. The link in that mail has all its tries again. When the sign-up
-- has no resends left, or the lane is full, the old code stays valid. A decoy gets the same rows, and its mail goes to
-- nobody.

-- 1 of the 2 statements of one batch
SELECT
  pg_advisory_xact_lock(hashtextextended (regexp_replace(email, '\+.*@', '@'), 0))
FROM
  users
WHERE
  id = $1::uuid;

-- 2 of the 2 statements of one batch
WITH
  "signup" AS (
    SELECT
      u.id,
      u.email,
      t.id AS token_id,
      t.recipient_key,
      t.resends < $1
      AND (
        (
          SELECT
            count(*)
          FROM
            email_outbox o
          WHERE
            o.recipient_key = t.recipient_key
            AND o.kind IN ('verify_email')
            AND o.status <> 'skipped'
            AND o.created_at > $2::timestamptz
        ) < $3::int
      ) AS is_due,
      EXISTS (
        SELECT
        FROM
          users o
        WHERE
          o.email = u.email
          AND o.email_verified_at IS NOT NULL
      ) AS is_taken
    FROM
      verification_tokens t
      JOIN users u ON u.id = t.user_id
    WHERE
      u.id = $4::uuid
      AND t.purpose = 'verify_email'
      AND t.used_at IS NULL
      AND u.email_verified_at IS NULL
      AND u.disabled_at IS NULL
      AND u.pending_expires_at > $5::timestamptz
  ),
  "token" AS (
    UPDATE verification_tokens t
    SET
      resends = resends + CASE
        WHEN is_due THEN 1
        ELSE 0
      END,
      link_tries = CASE
        WHEN is_due THEN 0
        ELSE t.link_tries
      END,
      mail_id = CASE
        WHEN is_due THEN $6::uuid
        ELSE t.mail_id
      END,
      key_id = CASE
        WHEN is_due THEN $7
        ELSE t.key_id
      END,
      code_mac = CASE
        WHEN is_due THEN $8::bytea
        ELSE t.code_mac
      END,
      code_expires_at = CASE
        WHEN is_due THEN $9::timestamptz
        ELSE t.code_expires_at
      END
    FROM
      signup
    WHERE
      t.id = signup.token_id
  ),
  "mail" AS (
    INSERT INTO
      email_outbox (id, kind, user_id, recipient, recipient_key, event_id, status, failure, finished_at, created_at)
    SELECT
      $10::uuid,
      'verify_email',
      id,
      CASE
        WHEN NOT is_taken THEN email
      END::text,
      recipient_key::bytea,
      $11::uuid,
      CASE
        WHEN (
          CASE
            WHEN is_taken THEN 'address_taken'
            ELSE CASE
              WHEN is_due THEN NULL
              ELSE 'budget'
            END
          END
        )::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (
        CASE
          WHEN is_taken THEN 'address_taken'
          ELSE CASE
            WHEN is_due THEN NULL
            ELSE 'budget'
          END
        END
      )::text,
      CASE
        WHEN (
          CASE
            WHEN is_taken THEN 'address_taken'
            ELSE CASE
              WHEN is_due THEN NULL
              ELSE 'budget'
            END
          END
        )::text IS NOT NULL THEN $12::timestamptz
      END,
      $13::timestamptz
    FROM
      signup
  ),
  "event" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $14::uuid,
      'verify.resent',
      signup.id::uuid,
      NULL::uuid,
      CASE
        WHEN signup.id IS NULL THEN 'not_open'
        ELSE CASE
          WHEN is_due THEN NULL
          ELSE 'mail_budget'
        END
      END::text,
      $15::text,
      $16::text,
      $17::text,
      $18::timestamptz
    FROM
      (
        SELECT
      ) one
      LEFT JOIN signup ON true
    RETURNING
      kind,
      user_id,
      session_id,
      reason
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
          "event"
      ) written
  ) noted
  LEFT JOIN (
    SELECT
      true AS is_answer,
      selected.*
    FROM
      (
        SELECT
          id
        FROM
          signup
      ) selected
  ) answer ON true;
