-- Ends one session of the person, which may be that of the bearer.

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
  "ended" AS (
    UPDATE user_sessions o
    SET
      revoked_at = $5::timestamptz,
      revoked_reason = 'revoked'
    FROM
      bearer
    WHERE
      o.id = $6::uuid
      AND o.user_id = $7::uuid
      AND o.revoked_at IS NULL
      AND o.expires_at > $8::timestamptz
      AND o.idle_expires_at > $9::timestamptz
    RETURNING
      o.id,
      o.user_id
  ),
  "ending" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $10::uuid,
      'session.revoked',
      user_id::uuid,
      id::uuid,
      NULL::text,
      $11::text,
      $12::text,
      $13::text,
      $14::timestamptz
    FROM
      ended
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
          "ending"
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
              ended
          ) AS "isRevoked"
        FROM
          bearer
      ) selected
  ) answer ON true;
