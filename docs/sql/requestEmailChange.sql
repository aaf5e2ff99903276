-- Replaces what waited before and owes both mails; false when the confirmation no longer holds. Past the lane of the
-- address, or what the person may ask for, the code is held back and void: what the person can read looks the same.

-- 1 of the 3 statements of one batch
SELECT
  pg_advisory_xact_lock(hashtextextended (regexp_replace($1::text, '\+.*@', '@'), 0));

-- 2 of the 3 statements of one batch
SELECT
FROM
  users
WHERE
  id = $1::uuid
FOR NO KEY UPDATE;

-- 3 of the 3 statements of one batch
WITH
  "asker" AS (
    SELECT
      (
        SELECT
          count(*) < $1::int
          AND count(*) FILTER (
            WHERE
              e.occurred_at > $2::timestamptz
          ) < $3::int
        FROM
          security_events e
        WHERE
          e.user_id = $4::uuid
          AND e.kind = 'email.change_requested'
          AND e.reason IS NULL
          AND e.occurred_at > $5::timestamptz
      ) AS may_ask
  ),
  "person" AS (
    SELECT
      id,
      email
    FROM
      users
    WHERE
      users.id = $6::uuid
      AND users.email = $7
      AND users.password_changed_at = $8::timestamptz
      AND EXISTS (
        SELECT
        FROM
          users person
        WHERE
          person.id = $9::uuid
          AND person.disabled_at IS NULL
          AND person.id = (
            SELECT
              s.user_id
            FROM
              user_sessions s
            WHERE
              s.id = $10::uuid
              AND s.revoked_at IS NULL
              AND s.expires_at > $11::timestamptz
              AND s.idle_expires_at > $12::timestamptz
          )
      )
  ),
  "cleared" AS (
    UPDATE failed_login_attempts a
    SET
      failures = CASE effect
        WHEN 'clear' THEN 0
        WHEN 'lower' THEN GREATEST(failures - 1, 0)
        ELSE failures
      END,
      locked_until = CASE
        WHEN effect = 'clear'
        OR effect = 'lower'
        AND failures <= budget THEN NULL
        ELSE locked_until
      END,
      in_a_row = CASE
        WHEN effect = 'streak'
        AND a.in_a_row >= max_in_a_row THEN in_a_row
        ELSE 0
      END,
      expires_at = CASE
        WHEN effect = 'streak'
        AND a.in_a_row >= max_in_a_row THEN expires_at
        ELSE $13::timestamptz + seconds_kept * interval '1 s'
      END
    FROM
      (
        VALUES
          ($14::bytea, 'streak', $15::int, $16::int, $17::int),
          ($18::bytea, 'clear', $19::int, $20::int, $21::int)
      ) AS rule (key, effect, budget, max_in_a_row, seconds_kept)
      JOIN (
        SELECT
          key
        FROM
          failed_login_attempts
        WHERE
          key IN ($22::bytea, $23::bytea, $24::bytea)
        ORDER BY
          key
        FOR UPDATE
      ) AS held ON held.key = rule.key
    WHERE
      a.key = rule.key
      AND EXISTS (
        SELECT
        FROM
          person
      )
  ),
  "owner" AS (
    SELECT
      id
    FROM
      users
    WHERE
      email = $25
      AND email_verified_at IS NOT NULL
    FOR KEY SHARE
  ),
  "lane" AS (
    SELECT
      owner.id AS owner_id,
      may_ask,
      (
        (
          SELECT
            count(*)
          FROM
            email_outbox o
          WHERE
            o.recipient_key IN ($26::bytea, $27::bytea)
            AND o.kind IN ('already_registered', 'change_email_taken')
            AND o.status <> 'skipped'
            AND o.created_at > $28::timestamptz
        ) < $29::int
      ) AS notice_fits,
      (
        (
          SELECT
            count(*)
          FROM
            email_outbox o
          WHERE
            o.recipient_key IN ($30::bytea, $31::bytea)
            AND o.kind IN ('change_email')
            AND o.status <> 'skipped'
            AND o.created_at > $32::timestamptz
        ) < $33::int
      ) AS code_fits
    FROM
      asker
      LEFT JOIN owner ON true
  ),
  "token" AS (
    INSERT INTO
      verification_tokens (
        id,
        user_id,
        purpose,
        email,
        password_hash,
        recipient_key,
        mail_id,
        key_id,
        code_mac,
        code_expires_at,
        expires_at,
        created_at
      )
    SELECT
      $34::uuid,
      id,
      'change_email',
      $35,
      $36,
      $37::bytea,
      $38::uuid,
      $39,
      $40::bytea,
      CASE
        WHEN may_ask
        AND code_fits THEN $41::timestamptz
        ELSE '-infinity'
      END,
      $42::timestamptz,
      $43::timestamptz
    FROM
      person,
      lane
    ON CONFLICT (user_id, purpose) DO UPDATE
    SET
      id = EXCLUDED.id,
      email = EXCLUDED.email,
      password_hash = EXCLUDED.password_hash,
      recipient_key = EXCLUDED.recipient_key,
      mail_id = EXCLUDED.mail_id,
      key_id = EXCLUDED.key_id,
      code_mac = EXCLUDED.code_mac,
      code_expires_at = EXCLUDED.code_expires_at,
      expires_at = EXCLUDED.expires_at,
      created_at = EXCLUDED.created_at,
      tries = 0,
      used_at = NULL
  ),
  "event" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $44::uuid,
      'email.change_requested',
      id::uuid,
      $45::uuid,
      CASE
        WHEN may_ask THEN NULL
        ELSE 'mail_budget'
      END::text,
      $46::text,
      $47::text,
      $48::text,
      $49::timestamptz
    FROM
      person,
      asker
    RETURNING
      kind,
      user_id,
      session_id,
      reason
  ),
  "code_mail" AS (
    INSERT INTO
      email_outbox (id, kind, user_id, recipient, recipient_key, event_id, status, failure, finished_at, created_at)
    SELECT
      $50::uuid,
      CASE
        WHEN owner_id IS NULL THEN 'change_email'
        ELSE 'change_email_taken'
      END,
      coalesce(owner_id, person.id),
      $51::text,
      CASE
        WHEN owner_id IS NULL THEN $52::bytea
        ELSE $53::bytea
      END::bytea,
      $54::uuid,
      CASE
        WHEN (
          CASE
            WHEN may_ask
            AND CASE
              WHEN owner_id IS NULL THEN code_fits
              ELSE notice_fits
            END THEN NULL
            ELSE 'budget'
          END
        )::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (
        CASE
          WHEN may_ask
          AND CASE
            WHEN owner_id IS NULL THEN code_fits
            ELSE notice_fits
          END THEN NULL
          ELSE 'budget'
        END
      )::text,
      CASE
        WHEN (
          CASE
            WHEN may_ask
            AND CASE
              WHEN owner_id IS NULL THEN code_fits
              ELSE notice_fits
            END THEN NULL
            ELSE 'budget'
          END
        )::text IS NOT NULL THEN $55::timestamptz
      END,
      $56::timestamptz
    FROM
      person,
      lane
  ),
  "notice" AS (
    INSERT INTO
      email_outbox (id, kind, user_id, recipient, recipient_key, event_id, status, failure, finished_at, created_at)
    SELECT
      $57::uuid,
      'change_email_notice',
      id,
      email::text,
      NULL::bytea,
      $58::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $59::timestamptz
      END,
      $60::timestamptz
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
          person
      ) selected
  ) answer ON true;
