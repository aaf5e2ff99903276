-- Ends the session of a refresh token. A token that a refresh would take for stolen ends it as stolen, and the mail
-- that is then owed is given. Nothing happens when the session has ended already.

WITH
  "shown" AS (
    SELECT
      s.id,
      s.user_id,
      s.refresh_window_ends_at AS window_ends_at,
      CASE
        WHEN s.generation = $1::int THEN CASE
          WHEN s.exchanged_generation IS NOT NULL
          AND s.rotated_at > $2::timestamptz
          AND s.device_id = $3::uuid THEN 'fresh'
          ELSE 'live'
        END
        WHEN s.exchanged_generation = $4::int
        AND s.rotated_at > $5::timestamptz
        AND (
          s.device_id = $6::uuid
          OR s.transport = 'body'
          AND $7::uuid IS NULL
        ) THEN 'racing'
        WHEN s.exchanged_generation = $8::int
        AND s.device_id = $9::uuid THEN 'late'
        ELSE 'reused'
      END AS verdict
    FROM
      user_sessions s
      JOIN users person ON person.id = s.user_id
      AND person.disabled_at IS NULL
    WHERE
      s.id = $10::uuid
      AND s.secret_hash = $11::bytea
      AND s.transport = $12
      AND s.generation >= $13::int
      AND s.revoked_at IS NULL
      AND s.expires_at > $14::timestamptz
      AND s.idle_expires_at > $15::timestamptz
      AND true
    FOR UPDATE OF
      s
  ),
  "ended" AS (
    UPDATE user_sessions s
    SET
      revoked_at = $16::timestamptz,
      revoked_reason = CASE
        WHEN verdict = 'reused' THEN 'refresh_token_reused'
        ELSE 'logout'
      END
    FROM
      shown
    WHERE
      s.id = shown.id
      AND true
    RETURNING
      s.id,
      s.user_id,
      shown.verdict
  ),
  "ending" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $17::uuid,
      CASE
        WHEN verdict = 'reused' THEN 'token.reuse_detected'
        ELSE 'logout'
      END,
      user_id::uuid,
      id::uuid,
      NULL::text,
      $18::text,
      $19::text,
      $20::text,
      $21::timestamptz
    FROM
      ended
    RETURNING
      kind,
      user_id,
      session_id,
      reason
  ),
  "stolen" AS (
    SELECT
      id,
      user_id
    FROM
      ended
    WHERE
      verdict = 'reused'
  ),
  "alarm" AS (
    INSERT INTO
      email_outbox (id, kind, user_id, recipient, recipient_key, event_id, status, failure, finished_at, created_at)
    SELECT
      $22::uuid,
      'refresh_token_reused',
      user_id,
      (
        SELECT
          email
        FROM
          users
        WHERE
          users.id = stolen.user_id
      )::text,
      NULL::bytea,
      $23::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $24::timestamptz
      END,
      $25::timestamptz
    FROM
      stolen
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
          id
        FROM
          stolen
      ) selected
  ) answer ON true;
