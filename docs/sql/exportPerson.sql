-- The same for an operator, whom the person has asked for it. Undefined when nobody is there.

WITH
  "person" AS (
    SELECT
      id
    FROM
      users
    WHERE
      id = $1::uuid
  ),
  "event" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $2::uuid,
      'admin.exported',
      id::uuid,
      NULL::uuid,
      NULL::text,
      $3::text,
      $4::text,
      $5::text,
      $6::timestamptz
    FROM
      person
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
      $7::uuid,
      $8,
      $9,
      $10::text
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
          jsonb_build_object(
            'account',
            jsonb_build_object(
              'id',
              u.id,
              'email',
              u.email,
              'name',
              u.name,
              'locale',
              u.locale,
              'createdAt',
              to_char(u.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
              'emailVerifiedAt',
              to_char(u.email_verified_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
              'passwordChangedAt',
              to_char(u.password_changed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
              'externalSource',
              u.external_source,
              'externalId',
              u.external_id
            ),
            'sessions',
            (
              SELECT
                COALESCE(
                  jsonb_agg(
                    jsonb_build_object(
                      'id',
                      id,
                      'client',
                      client,
                      'userAgent',
                      user_agent,
                      'place',
                      place,
                      'transport',
                      transport,
                      'deviceId',
                      device_id,
                      'amr',
                      to_jsonb(amr),
                      'createdAt',
                      to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                      'lastUsedAt',
                      to_char(
                        GREATEST(
                          s.created_at,
                          date_bin(
                            '5 minutes',
                            CASE
                              WHEN s.last_used_at < date_bin('5 minutes', $11::timestamptz, 'epoch'::timestamptz) THEN s.last_used_at
                              ELSE s.used_before_at
                            END,
                            'epoch'::timestamptz
                          )
                        ) AT TIME ZONE 'UTC',
                        'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'
                      ),
                      'expiresAt',
                      to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                      'endedAt',
                      to_char(revoked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                      'endedBy',
                      revoked_reason
                    )
                    ORDER BY
                      id
                  ),
                  '[]'
                )
              FROM
                user_sessions s
              WHERE
                user_id = u.id
            ),
            'events',
            (
              SELECT
                COALESCE(
                  jsonb_agg(
                    jsonb_build_object(
                      'id',
                      id,
                      'at',
                      to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                      'kind',
                      kind,
                      'sessionId',
                      session_id,
                      'client',
                      client,
                      'userAgent',
                      user_agent,
                      'requestId',
                      request_id
                    )
                    ORDER BY
                      id
                  ),
                  '[]'
                )
              FROM
                security_events
              WHERE
                user_id = u.id
            ),
            'mails',
            (
              SELECT
                COALESCE(
                  jsonb_agg(
                    jsonb_build_object(
                      'id',
                      id,
                      'kind',
                      kind,
                      'status',
                      status,
                      'createdAt',
                      to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                      'finishedAt',
                      to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
                    )
                    ORDER BY
                      id
                  ),
                  '[]'
                )
              FROM
                email_outbox
              WHERE
                user_id = u.id
                AND kind <> 'change_email'
            ),
            'addressChanges',
            (
              SELECT
                COALESCE(
                  jsonb_agg(
                    jsonb_build_object(
                      'email',
                      email,
                      'requestedAt',
                      to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                      'expiresAt',
                      to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
                    )
                    ORDER BY
                      id
                  ),
                  '[]'
                )
              FROM
                verification_tokens
              WHERE
                user_id = u.id
                AND purpose = 'change_email'
                AND used_at IS NULL
            ),
            'addressUndos',
            (
              SELECT
                COALESCE(
                  jsonb_agg(
                    jsonb_build_object(
                      'email',
                      email,
                      'changedAt',
                      to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                      'expiresAt',
                      to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
                    )
                    ORDER BY
                      id
                  ),
                  '[]'
                )
              FROM
                email_change_undos
              WHERE
                user_id = u.id
            ),
            'secondFactors',
            jsonb_build_object(
              'mfaRequired',
              u.mfa_required,
              'totp',
              (
                SELECT
                  jsonb_build_object('createdAt', to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
                FROM
                  totp_factors
                WHERE
                  user_id = u.id
              ),
              'recoveryCodes',
              (
                SELECT
                  jsonb_build_object(
                    'left',
                    $12::int - bit_count(used::bit(32))::int,
                    'createdAt',
                    to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
                  )
                FROM
                  recovery_codes
                WHERE
                  user_id = u.id
              )
            ),
            'passkeys',
            (
              SELECT
                COALESCE(
                  jsonb_agg(
                    jsonb_build_object(
                      'name',
                      name,
                      'domain',
                      rp_id,
                      'isSynced',
                      backed_up,
                      'createdAt',
                      to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                      'lastUsedAt',
                      to_char(last_used_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
                    )
                    ORDER BY
                      id
                  ),
                  '[]'
                )
              FROM
                passkeys
              WHERE
                user_id = u.id
            ),
            'passwordResets',
            (
              SELECT
                COALESCE(
                  jsonb_agg(
                    jsonb_build_object(
                      'requestedAt',
                      to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                      'expiresAt',
                      to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                      'usedAt',
                      to_char(used_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                      'client',
                      client
                    )
                    ORDER BY
                      id
                  ),
                  '[]'
                )
              FROM
                password_reset_tokens
              WHERE
                user_id = u.id
            )
          ) AS export
        FROM
          users u
        WHERE
          u.id = $13::uuid
      ) selected
  ) answer ON true;
