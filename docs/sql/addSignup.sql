-- Writes the sign-up, its proof and its mail. If the address has an account, the mail is a notice to its owner, so
-- nobody ever gets the proof. The rows are the same either way, and also when the lane is full. When only the lane of
-- codes is full, a link that is due is mailed without a code. A code that is not mailed is void from the start.

-- 1 of the 2 statements of one batch
SELECT
  pg_advisory_xact_lock(hashtextextended (regexp_replace($1::text, '\+.*@', '@'), 0));

-- 2 of the 2 statements of one batch
WITH
  "owner" AS (
    SELECT
      id
    FROM
      users
    WHERE
      email = $1
      AND email_verified_at IS NOT NULL
    FOR KEY SHARE
  ),
  "lane" AS (
    SELECT
      owner.id AS owner_id,
      (
        (
          SELECT
            count(*)
          FROM
            email_outbox o
          WHERE
            o.recipient_key IN ($2::bytea, $3::bytea)
            AND o.kind IN ('already_registered', 'change_email_taken')
            AND o.status <> 'skipped'
            AND o.created_at > $4::timestamptz
        ) < $5::int
      ) AS notice_fits,
      (
        (
          SELECT
            count(*)
          FROM
            email_outbox o
          WHERE
            o.recipient_key IN ($6::bytea, $7::bytea)
            AND o.kind IN ('verify_email')
            AND o.status <> 'skipped'
            AND o.created_at > $8::timestamptz
        ) < $9::int
      ) AS code_fits,
      (
        strpos($10, '+') = 0
        AND NOT EXISTS (
          SELECT
          FROM
            email_outbox mail
          WHERE
            mail.recipient_key IN ($11::bytea, $12::bytea)
            AND mail.kind = 'verify_email'
            AND mail.status IN ('pending', 'sending', 'sent')
            AND (
              SELECT
                waiting.email = $13
                AND waiting.email_verified_at IS NULL
                AND waiting.disabled_at IS NULL
                AND waiting.pending_expires_at > $14::timestamptz
                AND link.used_at IS NULL
                AND link.expires_at > $15::timestamptz
                AND link.link_tries < $16
              FROM
                verification_tokens link
                JOIN users waiting ON waiting.id = link.user_id
              WHERE
                link.user_id = mail.user_id
                AND link.purpose = 'verify_email'
                AND link.mail_id = mail.id
            )
        )
      ) AS is_link_due
    FROM
      (
        SELECT
      ) one
      LEFT JOIN owner ON true
  ),
  "pending" AS (
    INSERT INTO
      users (id, email, name, password_hash, password_changed_at, pending_expires_at, locale, created_at)
    VALUES
      ($17::uuid, $18, $19, $20, $21::timestamptz, $22::timestamptz, $23, $24::timestamptz)
    RETURNING
      id
  ),
  "token" AS (
    INSERT INTO
      verification_tokens (
        id,
        user_id,
        purpose,
        recipient_key,
        mail_id,
        key_id,
        code_mac,
        code_expires_at,
        expires_at,
        created_at
      )
    SELECT
      $25::uuid,
      id,
      'verify_email',
      $26::bytea,
      $27::uuid,
      $28,
      $29::bytea,
      CASE
        WHEN code_fits THEN $30::timestamptz
        ELSE '-infinity'
      END,
      $31::timestamptz,
      $32::timestamptz
    FROM
      pending,
      lane
  ),
  "addressee" AS (
    SELECT
      coalesce(owner_id, pending.id) AS id,
      owner_id IS NOT NULL AS is_taken,
      CASE
        WHEN owner_id IS NULL THEN code_fits
        OR is_link_due
        ELSE notice_fits
      END AS is_mailed
    FROM
      lane,
      pending
  ),
  "mail" AS (
    INSERT INTO
      email_outbox (id, kind, user_id, recipient, recipient_key, event_id, status, failure, finished_at, created_at)
    SELECT
      $33::uuid,
      CASE
        WHEN is_taken THEN 'already_registered'
        ELSE 'verify_email'
      END,
      id,
      $34::text,
      CASE
        WHEN is_taken THEN $35::bytea
        ELSE $36::bytea
      END::bytea,
      $37::uuid,
      CASE
        WHEN (
          CASE
            WHEN is_mailed THEN NULL
            ELSE 'budget'
          END
        )::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (
        CASE
          WHEN is_mailed THEN NULL
          ELSE 'budget'
        END
      )::text,
      CASE
        WHEN (
          CASE
            WHEN is_mailed THEN NULL
            ELSE 'budget'
          END
        )::text IS NOT NULL THEN $38::timestamptz
      END,
      $39::timestamptz
    FROM
      addressee
  ),
  "event" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $40::uuid,
      CASE
        WHEN is_taken THEN 'signup.existing_notice'
        ELSE 'signup.requested'
      END,
      id::uuid,
      NULL::uuid,
      CASE
        WHEN is_mailed THEN NULL
        ELSE 'mail_budget'
      END::text,
      $41::text,
      $42::text,
      $43::text,
      $44::timestamptz
    FROM
      addressee
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
          pending
      ) selected
  ) answer ON true;
