-- Writes the waiting change and owes two mails: a notice to the old address and a code to the new one. False when the
-- confirmation no longer holds. The parts, in their order:
--
-- - `asker`: may this person request one more change?
-- - `person`: the requester, while the confirmation holds. Without this row nothing below is written.
-- - `cleared`: the password was right, so its try counts as no failure.
-- - `owner`: the account that has the new address already, if there is one.
-- - `lane`: do one more notice and one more code fit into the lanes of the new address?
-- - `token`: the waiting change, in the place of an earlier one. Its code is void from the start when it is not
--   mailed.
-- - `event`: the security event.
-- - `code_mail`: the code to the new address, or a notice to its owner. Held back when the requester or the lane is
--   over its limit.
-- - `notice`: the mail to the old address, with the link that cancels the change.

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
      in_a_row = CASE
        WHEN NOT has_counted
        AND a.in_a_row >= max_in_a_row THEN in_a_row
        ELSE 0
      END,
      expires_at = CASE
        WHEN NOT has_counted
        AND a.in_a_row >= max_in_a_row THEN expires_at
        ELSE $13::timestamptz + seconds_kept * interval '1 s'
      END,
      failures = CASE
        WHEN NOT has_counted THEN failures
        WHEN is_shared THEN GREATEST(failures - 1, 0)
        ELSE 0
      END,
      locked_until = CASE
        WHEN has_counted
        AND (
          NOT is_shared
          OR failures <= budget
        ) THEN NULL
        ELSE locked_until
      END
    FROM
      (
        VALUES
          ($14::bytea, $15::boolean, $16::boolean, $17::int, $18::int, $19::int),
          ($20::bytea, $21::boolean, $22::boolean, $23::int, $24::int, $25::int)
      ) AS rule (key, has_counted, is_shared, budget, max_in_a_row, seconds_kept)
      JOIN (
        SELECT
          key
        FROM
          failed_login_attempts
        WHERE
          key IN ($26::bytea, $27::bytea, $28::bytea)
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
      email = $29
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
            o.recipient_key IN ($30::bytea, $31::bytea)
            AND o.kind IN ('already_registered', 'change_email_taken')
            AND o.status <> 'skipped'
            AND o.created_at > $32::timestamptz
        ) < $33::int
      ) AS notice_fits,
      (
        (
          SELECT
            count(*)
          FROM
            email_outbox o
          WHERE
            o.recipient_key IN ($34::bytea, $35::bytea)
            AND o.kind IN ('change_email')
            AND o.status <> 'skipped'
            AND o.created_at > $36::timestamptz
        ) < $37::int
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
      $38::uuid,
      id,
      'change_email',
      $39,
      $40,
      $41::bytea,
      $42::uuid,
      $43,
      $44::bytea,
      CASE
        WHEN may_ask
        AND code_fits THEN $45::timestamptz
        ELSE '-infinity'
      END,
      $46::timestamptz,
      $47::timestamptz
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
      $48::uuid,
      'email.change_requested',
      id::uuid,
      $49::uuid,
      CASE
        WHEN may_ask THEN NULL
        ELSE 'mail_budget'
      END::text,
      $50::text,
      $51::text,
      $52::text,
      $53::timestamptz
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
      $54::uuid,
      CASE
        WHEN owner_id IS NULL THEN 'change_email'
        ELSE 'change_email_taken'
      END,
      coalesce(owner_id, person.id),
      $55::text,
      CASE
        WHEN owner_id IS NULL THEN $56::bytea
        ELSE $57::bytea
      END::bytea,
      $58::uuid,
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
        )::text IS NOT NULL THEN $59::timestamptz
      END,
      $60::timestamptz
    FROM
      person,
      lane
  ),
  "notice" AS (
    INSERT INTO
      email_outbox (id, kind, user_id, recipient, recipient_key, event_id, status, failure, finished_at, created_at)
    SELECT
      $61::uuid,
      'change_email_notice',
      id,
      email::text,
      NULL::bytea,
      $62::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $63::timestamptz
      END,
      $64::timestamptz
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
