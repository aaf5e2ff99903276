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
      s.refreshes,
      s.refresh_window_ends_at,
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
  "budget" AS (
    SELECT
      id,
      verdict,
      is_open,
      CASE
        WHEN is_open THEN refreshes
        ELSE 0
      END AS used,
      CASE
        WHEN is_open THEN refresh_window_ends_at
        ELSE $14::timestamptz
      END AS ends_at
    FROM
      (
        SELECT
          *,
          COALESCE(refresh_window_ends_at > $15::timestamptz, false) AS is_open
        FROM
          shown
      ) shown
    WHERE
      verdict <> 'reused'
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
        ELSE GREATEST($16::timestamptz, clock_timestamp())
      END,
      exchanged_generation = $17::int,
      refreshes = used + 1,
      refresh_window_ends_at = ends_at,
      used_before_at = CASE
        WHEN s.last_used_at < date_bin('5 minutes', $18::timestamptz, 'epoch'::timestamptz) THEN s.last_used_at
        ELSE s.used_before_at
      END,
      last_used_at = $19::timestamptz,
      idle_expires_at = LEAST(expires_at, $20::timestamptz)
    FROM
      budget
    WHERE
      s.id = budget.id
      AND used < $21::int
    RETURNING
      s.*,
      verdict
  ),
  "grace" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $22::uuid,
      'token.grace',
      user_id::uuid,
      id::uuid,
      NULL::text,
      $23::text,
      $24::text,
      $25::text,
      $26::timestamptz
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
      revoked_at = $27::timestamptz,
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
      $28::uuid,
      'token.reuse_detected',
      user_id::uuid,
      id::uuid,
      NULL::text,
      $29::text,
      $30::text,
      $31::text,
      $32::timestamptz
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
      $33::uuid,
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
      $34::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $35::timestamptz
      END,
      $36::timestamptz
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
                budget.ends_at - $37::timestamptz
            )
          )::int AS "waitSeconds"
        FROM
          shown
          LEFT JOIN budget ON true
          LEFT JOIN session ON true
      ) selected
  ) answer ON true;
