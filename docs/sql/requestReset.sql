-- Owes a link to the owner of the address, if one is due. The same rows are written in every case, also for an address
-- that nobody has and for a disabled account: a link (void, and of nobody), a mail and an event.

-- 1 of the 2 statements of one batch
SELECT
  pg_advisory_xact_lock(hashtextextended (regexp_replace($1::text, '\+.*@', '@'), 0));

-- 2 of the 2 statements of one batch
WITH
  "person" AS (
    SELECT
      id,
      disabled_at IS NULL AS may_reset
    FROM
      users
    WHERE
      email = $1
      AND email_verified_at IS NOT NULL
    FOR NO KEY UPDATE
  ),
  "owner" AS (
    SELECT
      id
    FROM
      person
    WHERE
      may_reset
  ),
  "live" AS (
    SELECT
      t.client
    FROM
      password_reset_tokens t
      LEFT JOIN owner ON true
    WHERE
      t.recipient_key IN ($2::bytea, $3::bytea)
      AND t.user_id IS NOT DISTINCT FROM owner.id
      AND t.used_at IS NULL
      AND t.expires_at > $4::timestamptz
      AND NOT EXISTS (
        SELECT
        FROM
          email_outbox o
        WHERE
          o.id = t.id
          AND o.user_id IS NOT NULL
          AND o.status IN ('failed', 'skipped')
      )
  ),
  "lane" AS (
    SELECT
      owner.id,
      (
        (
          SELECT
            count(*)
          FROM
            live
        ) = 0
        OR (
          SELECT
            count(*)
          FROM
            live
        ) = 1
        AND (
          EXISTS (
            SELECT
            FROM
              live
            WHERE
              client IS DISTINCT FROM $5::text
          )
          OR EXISTS (
            SELECT
            FROM
              users
            WHERE
              id = $6::uuid
              AND email = $7
              AND email_verified_at IS NOT NULL
              AND password_changed_at = $8::timestamptz
          )
        )
      ) AS is_due
    FROM
      (
        SELECT
      ) one
      LEFT JOIN owner ON true
  ),
  "link" AS (
    INSERT INTO
      password_reset_tokens (id, user_id, recipient_key, client, key_id, expires_at, created_at)
    SELECT
      $9::uuid,
      CASE
        WHEN is_due THEN id
      END,
      $10::bytea,
      $11::text,
      $12,
      CASE
        WHEN is_due THEN $13::timestamptz
        ELSE $14::timestamptz
      END,
      $15::timestamptz
    FROM
      lane
  ),
  "mail" AS (
    INSERT INTO
      email_outbox (id, kind, user_id, recipient, recipient_key, event_id, status, failure, finished_at, created_at)
    SELECT
      $16::uuid,
      'reset_password',
      id,
      CASE
        WHEN id IS NOT NULL THEN $17
      END::text,
      $18::bytea::bytea,
      $19::uuid,
      CASE
        WHEN (
          CASE
            WHEN id IS NULL THEN 'no_account'
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
          WHEN id IS NULL THEN 'no_account'
          ELSE CASE
            WHEN is_due THEN NULL
            ELSE 'budget'
          END
        END
      )::text,
      CASE
        WHEN (
          CASE
            WHEN id IS NULL THEN 'no_account'
            ELSE CASE
              WHEN is_due THEN NULL
              ELSE 'budget'
            END
          END
        )::text IS NOT NULL THEN $20::timestamptz
      END,
      $21::timestamptz
    FROM
      lane
  ),
  "event" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $22::uuid,
      'reset.requested',
      person.id::uuid,
      NULL::uuid,
      CASE
        WHEN person.id IS NULL THEN 'unknown_address'
        ELSE CASE
          WHEN NOT may_reset THEN 'account_disabled'
          ELSE CASE
            WHEN is_due THEN NULL
            ELSE 'mail_budget'
          END
        END
      END::text,
      $23::text,
      $24::text,
      $25::text,
      $26::timestamptz
    FROM
      lane
      LEFT JOIN person ON true
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
          is_due AS "isDue"
        FROM
          lane
      ) selected
  ) answer ON true;
