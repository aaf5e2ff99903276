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
  "session" AS (
    UPDATE user_sessions s
    SET
      generation = CASE
        WHEN verdict IN ('live', 'late') THEN generation + 1
        ELSE generation
      END,
      rotated_at = CASE
        WHEN verdict IN ('live', 'late') THEN GREATEST($16::timestamptz, clock_timestamp())
        ELSE rotated_at
      END,
      exchanged_generation = CASE
        WHEN verdict IN ('live', 'late') THEN $17::int
        ELSE exchanged_generation
      END,
      refreshes = CASE
        WHEN refresh_window_ends_at > $18::timestamptz THEN refreshes + 1
        ELSE 1
      END,
      refresh_window_ends_at = CASE
        WHEN refresh_window_ends_at > $19::timestamptz THEN refresh_window_ends_at
        ELSE $20::timestamptz
      END,
      used_before_at = CASE
        WHEN s.last_used_at < date_bin('5 minutes', $21::timestamptz, 'epoch'::timestamptz) THEN s.last_used_at
        ELSE s.used_before_at
      END,
      last_used_at = $22::timestamptz,
      idle_expires_at = LEAST(expires_at, $23::timestamptz)
    FROM
      shown
    WHERE
      s.id = shown.id
      AND verdict <> 'reused'
      AND (
        refreshes < $24::int
        OR refresh_window_ends_at > $25::timestamptz IS NOT TRUE
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
      $26::uuid,
      'token.grace',
      user_id::uuid,
      id::uuid,
      NULL::text,
      $27::text,
      $28::text,
      $29::text,
      $30::timestamptz
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
      revoked_at = $31::timestamptz,
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
      $32::uuid,
      'token.reuse_detected',
      user_id::uuid,
      id::uuid,
      NULL::text,
      $33::text,
      $34::text,
      $35::text,
      $36::timestamptz
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
      $37::uuid,
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
      $38::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $39::timestamptz
      END,
      $40::timestamptz
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
                shown.window_ends_at - $41::timestamptz
            )
          )::int AS "waitSeconds"
        FROM
          shown
          LEFT JOIN session ON true
      ) selected
  ) answer ON true;
