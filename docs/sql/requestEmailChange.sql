-- Writes the waiting change and owes two mails: a notice to the old address and a code to the new one. Gives the ids of
-- mails that the proof causes; undefined when it no longer holds. The parts, in their order:
--
-- - `asker`: may this person request one more change?
-- - `prover`, `cleared`, `spent` and others: the proof (fresh-proof.ts).
-- - `person`: the requester, while the proof holds. Without this row nothing below is written.
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
  "prover" AS (
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
      AND users.mfa_epoch = $13::int
      AND true
      AND EXISTS (
        SELECT
        FROM
          recovery_codes f
        WHERE
          f.user_id = users.id
          AND f.set_id = $14::uuid
          AND f.used & (1 << $15::int) = 0
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
        ELSE $16::timestamptz + seconds_kept * interval '1 s'
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
          ($17::bytea, $18::boolean, $19::boolean, $20::int, $21::int, $22::int),
          ($23::bytea, $24::boolean, $25::boolean, $26::int, $27::int, $28::int)
      ) AS rule (key, has_counted, is_shared, budget, max_in_a_row, seconds_kept)
      JOIN (
        SELECT
          key
        FROM
          failed_login_attempts
        WHERE
          key IN ($29::bytea, $30::bytea, $31::bytea)
        ORDER BY
          key
        FOR UPDATE
      ) AS held ON held.key = rule.key
    WHERE
      a.key = rule.key
      AND EXISTS (
        SELECT
        FROM
          prover
      )
  ),
  "spent" AS (
    UPDATE recovery_codes f
    SET
      used = f.used | (1 << $32::int)
    FROM
      users
    WHERE
      f.user_id = users.id
      AND f.set_id = $33::uuid
      AND f.used & (1 << $34::int) = 0
      AND users.id = (
        SELECT
          id
        FROM
          prover
      )
      AND true
    RETURNING
      users.id,
      users.email,
      $35::int - bit_count(f.used::bit(32))::int AS codes_left
  ),
  "recovery" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $36::uuid,
      'recovery.used',
      id::uuid,
      $37::uuid,
      codes_left || '_left'::text,
      $38::text,
      $39::text,
      $40::text,
      $41::timestamptz
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
      $42::uuid,
      'recovery_code_used',
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
      spent
  ),
  "person" AS (
    SELECT
      id,
      email
    FROM
      prover
  ),
  "owner" AS (
    SELECT
      id
    FROM
      users
    WHERE
      email = $46
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
            o.recipient_key IN ($47::bytea, $48::bytea)
            AND o.kind IN ('already_registered', 'change_email_taken')
            AND o.status <> 'skipped'
            AND o.created_at > $49::timestamptz
        ) < $50::int
      ) AS notice_fits,
      (
        (
          SELECT
            count(*)
          FROM
            email_outbox o
          WHERE
            o.recipient_key IN ($51::bytea, $52::bytea)
            AND o.kind IN ('change_email')
            AND o.status <> 'skipped'
            AND o.created_at > $53::timestamptz
        ) < $54::int
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
      $55::uuid,
      id,
      'change_email',
      $56,
      $57,
      $58::bytea,
      $59::uuid,
      $60,
      $61::bytea,
      CASE
        WHEN may_ask
        AND code_fits THEN $62::timestamptz
        ELSE '-infinity'
      END,
      $63::timestamptz,
      $64::timestamptz
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
      $65::uuid,
      'email.change_requested',
      id::uuid,
      $66::uuid,
      CASE
        WHEN may_ask THEN NULL
        ELSE 'mail_budget'
      END::text,
      $67::text,
      $68::text,
      $69::text,
      $70::timestamptz
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
      $71::uuid,
      CASE
        WHEN owner_id IS NULL THEN 'change_email'
        ELSE 'change_email_taken'
      END,
      coalesce(owner_id, person.id),
      $72::text,
      CASE
        WHEN owner_id IS NULL THEN $73::bytea
        ELSE $74::bytea
      END::bytea,
      $75::uuid,
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
        )::text IS NOT NULL THEN $76::timestamptz
      END,
      $77::timestamptz
    FROM
      person,
      lane
  ),
  "notice" AS (
    INSERT INTO
      email_outbox (id, kind, user_id, recipient, recipient_key, event_id, status, failure, finished_at, created_at)
    SELECT
      $78::uuid,
      'change_email_notice',
      id,
      email::text,
      NULL::bytea,
      $79::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $80::timestamptz
      END,
      $81::timestamptz
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
          "recovery"
        UNION ALL
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
