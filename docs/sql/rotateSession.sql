-- Exchanges a refresh token for the next one. The budget of the session is checked here and not earlier. So only
-- tokens of this session use it up, and a stolen token ends the session even when the budget is used up.
--
-- The grace begins when the next token was made, not when it was requested: if a refresh was held up, its retry must
-- not look like a theft.

WITH
  "shown" AS (
    SELECT
      s.id,
      s.user_id,
      s.refresh_window_ends_at AS window_ends_at,
      CASE
        WHEN s.generation = $1::int THEN 'live'
        WHEN s.exchanged_generation = $2::int
        AND s.rotated_at > $3::timestamptz
        AND (
          s.device_id = $4::uuid
          OR s.transport = 'body'
          AND $5::uuid IS NULL
        ) THEN 'racing'
        WHEN s.exchanged_generation = $6::int
        AND s.device_id = $7::uuid THEN 'late'
        ELSE 'reused'
      END AS verdict
    FROM
      user_sessions s
      JOIN users person ON person.id = s.user_id
      AND person.disabled_at IS NULL
    WHERE
      s.id = $8::uuid
      AND s.secret_hash = $9::bytea
      AND s.transport = $10
      AND s.generation >= $11::int
      AND s.revoked_at IS NULL
      AND s.expires_at > $12::timestamptz
      AND s.idle_expires_at > $13::timestamptz
      AND true
    FOR UPDATE OF
      s
  ),
  "session" AS (
    UPDATE user_sessions s
    SET
      generation = CASE
        WHEN verdict = 'racing' THEN generation
        ELSE generation + 1
      END,
      rotated_at = CASE
        WHEN verdict = 'racing' THEN rotated_at
        ELSE GREATEST($14::timestamptz, clock_timestamp())
      END,
      exchanged_generation = $15::int,
      refreshes = CASE
        WHEN refresh_window_ends_at > $16::timestamptz THEN refreshes + 1
        ELSE 1
      END,
      refresh_window_ends_at = CASE
        WHEN refresh_window_ends_at > $17::timestamptz THEN refresh_window_ends_at
        ELSE $18::timestamptz
      END,
      used_before_at = CASE
        WHEN s.last_used_at < date_bin('5 minutes', $19::timestamptz, 'epoch'::timestamptz) THEN s.last_used_at
        ELSE s.used_before_at
      END,
      last_used_at = $20::timestamptz,
      idle_expires_at = LEAST(expires_at, $21::timestamptz)
    FROM
      shown
    WHERE
      s.id = shown.id
      AND verdict <> 'reused'
      AND (
        refreshes < $22::int
        OR refresh_window_ends_at > $23::timestamptz IS NOT TRUE
      )
    RETURNING
      s.id,
      s.user_id,
      generation,
      amr,
      created_at,
      expires_at,
      verdict
  ),
  "grace" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $24::uuid,
      'token.grace',
      user_id::uuid,
      id::uuid,
      NULL::text,
      $25::text,
      $26::text,
      $27::text,
      $28::timestamptz
    FROM
      session
    WHERE
      verdict = 'late'
    RETURNING
      kind,
      user_id,
      session_id,
      reason
  ),
  "ended" AS (
    UPDATE user_sessions s
    SET
      revoked_at = $29::timestamptz,
      revoked_reason = 'refresh_token_reused'
    FROM
      shown
    WHERE
      s.id = shown.id
      AND verdict = 'reused'
    RETURNING
      s.id,
      s.user_id,
      shown.verdict
  ),
  "ending" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $30::uuid,
      'token.reuse_detected',
      user_id::uuid,
      id::uuid,
      NULL::text,
      $31::text,
      $32::text,
      $33::text,
      $34::timestamptz
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
      $35::uuid,
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
      $36::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $37::timestamptz
      END,
      $38::timestamptz
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
          "grace"
        UNION ALL
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
          shown.verdict,
          shown.user_id AS "userId",
          session.generation,
          session.amr,
          session.created_at AS "authenticatedAt",
          session.expires_at AS "expiresAt",
          ceil(
            extract(
              epoch
              FROM
                shown.window_ends_at - $39::timestamptz
            )
          )::int AS "waitSeconds"
        FROM
          shown
          LEFT JOIN session ON true
      ) selected
  ) answer ON true;
