-- Ends all sessions of the person except that of the bearer, and gives their number. Undefined when that of the bearer
-- has ended.

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
  "ended" AS (
    UPDATE user_sessions o
    SET
      revoked_at = $5::timestamptz,
      revoked_reason = 'revoked'
    FROM
      bearer
    WHERE
      o.user_id = $6::uuid
      AND o.id <> $7::uuid
      AND o.revoked_at IS NULL
      AND o.expires_at > $8::timestamptz
      AND o.idle_expires_at > $9::timestamptz
    RETURNING
      o.id
  ),
  "ending" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $10::uuid,
      'logout.others',
      $11::uuid,
      $12::uuid,
      NULL::text,
      $13::text,
      $14::text,
      $15::text,
      $16::timestamptz
    FROM
      bearer
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
          (
            SELECT
              count(*)
            FROM
              ended
          ) AS count
        FROM
          bearer
      ) selected
  ) answer ON true;
