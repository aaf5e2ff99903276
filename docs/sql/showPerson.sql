-- Newest first. Undefined when nobody is there. The look is recorded as an event.

WITH
  "person" AS (
    SELECT
      u.id,
      u.email,
      u.name,
      CASE
        WHEN disabled_by IS NOT NULL THEN 'disabled'
        WHEN deletion_due_at IS NOT NULL THEN 'closed'
        WHEN disabled_at IS NOT NULL THEN 'disabled'
        WHEN email_verified_at IS NULL THEN 'waiting'
        ELSE 'active'
      END AS state,
      u.created_at AS "createdAt",
      u.external_id AS "externalId",
      u.locale,
      u.email_verified_at AS "emailVerifiedAt",
      u.password_changed_at AS "passwordChangedAt",
      u.disabled_at AS "disabledAt",
      u.disabled_by AS "disabledBy",
      u.deletion_due_at AS "deletionDueAt",
      s.reason AS suppression
    FROM
      users u
      LEFT JOIN mail_suppressions s ON s.address = u.email
    WHERE
      u.id = $1::uuid
  ),
  "event" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $2::uuid,
      'admin.viewed',
      id::uuid,
      NULL::uuid,
      NULL::text,
      $3::text,
      $4::text,
      $5::text,
      $6::timestamptz
    FROM
      person
    WHERE
      NOT EXISTS (
        SELECT
        FROM
          security_events e
          JOIN admin_acts a ON a.event_id = e.id
        WHERE
          e.user_id = $7::uuid
          AND e.kind = 'admin.viewed'
          AND a.operator = $8
          AND e.occurred_at > $9::timestamptz
      )
    RETURNING
      kind,
      user_id,
      session_id,
      reason
  ),
  "act" AS (
    INSERT INTO
      admin_acts (event_id, operator, door, reason)
    SELECT
      $10::uuid,
      $11,
      $12,
      $13::text
    FROM
      person
    WHERE
      NOT EXISTS (
        SELECT
        FROM
          security_events e
          JOIN admin_acts a ON a.event_id = e.id
        WHERE
          e.user_id = $14::uuid
          AND e.kind = 'admin.viewed'
          AND a.operator = $15
          AND e.occurred_at > $16::timestamptz
      )
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
          to_jsonb(person) AS account,
          jsonb_build_object(
            'authenticatorSince',
            (
              SELECT
                created_at
              FROM
                totp_factors
              WHERE
                user_id = $17::uuid
            ),
            'recoveryCodesUsed',
            (
              SELECT
                bit_count(used::bit(32))
              FROM
                recovery_codes
              WHERE
                user_id = $18::uuid
            ),
            'removalDueAt',
            (
              SELECT
                due_at
              FROM
                factor_removals
              WHERE
                user_id = $19::uuid
            ),
            'passkeys',
            (
              SELECT
                COALESCE(jsonb_agg(to_jsonb(one)), '[]')
              FROM
                (
                  SELECT
                    name,
                    created_at AS "createdAt",
                    last_used_at AS "lastUsedAt"
                  FROM
                    passkeys
                  WHERE
                    user_id = $20::uuid
                  ORDER BY
                    created_at
                ) one
            )
          ) AS factors,
          (
            SELECT
              COALESCE(jsonb_agg(to_jsonb(one)), '[]')
            FROM
              (
                SELECT
                  failures,
                  in_a_row AS "inARow",
                  locked_until AS "lockedUntil",
                  expires_at = 'infinity' AS "isSwitchedOff"
                FROM
                  failed_login_attempts
                WHERE
                  user_id = $21::uuid
                ORDER BY
                  in_a_row DESC
                LIMIT
                  $22
              ) one
          ) AS counters,
          (
            SELECT
              COALESCE(jsonb_agg(to_jsonb(one)), '[]')
            FROM
              (
                SELECT
                  id,
                  client,
                  user_agent AS "userAgent",
                  place,
                  created_at AS "createdAt",
                  GREATEST(
                    o.created_at,
                    date_bin(
                      '5 minutes',
                      CASE
                        WHEN o.last_used_at < date_bin('5 minutes', $23::timestamptz, 'epoch'::timestamptz) THEN o.last_used_at
                        ELSE o.used_before_at
                      END,
                      'epoch'::timestamptz
                    )
                  ) AS "lastUsedAt",
                  expires_at AS "expiresAt"
                FROM
                  user_sessions o
                WHERE
                  user_id = $24::uuid
                  AND o.revoked_at IS NULL
                  AND o.expires_at > $25::timestamptz
                  AND o.idle_expires_at > $26::timestamptz
                ORDER BY
                  created_at DESC
              ) one
          ) AS sessions,
          (
            SELECT
              COALESCE(jsonb_agg(to_jsonb(one)), '[]')
            FROM
              (
                SELECT
                  e.id,
                  e.occurred_at AS at,
                  e.kind,
                  e.reason,
                  e.client,
                  e.user_agent AS "userAgent",
                  a.operator,
                  a.door,
                  a.reason AS note
                FROM
                  security_events e
                  LEFT JOIN admin_acts a ON a.event_id = e.id
                WHERE
                  e.user_id = $27::uuid
                ORDER BY
                  e.id DESC
                LIMIT
                  $28
              ) one
          ) AS history,
          (
            SELECT
              COALESCE(jsonb_agg(to_jsonb(one)), '[]')
            FROM
              (
                SELECT
                  id,
                  kind,
                  status,
                  failure,
                  report,
                  recipient AS "to",
                  created_at AS "createdAt",
                  finished_at AS "finishedAt"
                FROM
                  email_outbox
                WHERE
                  user_id = $29::uuid
                ORDER BY
                  id DESC
                LIMIT
                  $30
              ) one
          ) AS mails
        FROM
          person
      ) selected
  ) answer ON true;
