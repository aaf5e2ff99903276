-- Opens a session when `judged` says so, and records the login; undefined when it does not. Of more than `maxLive`
-- sessions the oldest end: logins of one person come one after the other, so that each counts those before it.

-- 1 of the 2 statements of one batch
SELECT
FROM
  users
WHERE
  id = $1::uuid
  OR id = (
    SELECT
      user_id
    FROM
      user_sessions
    WHERE
      user_sessions.id = $2::uuid
  )
ORDER BY
  id
FOR NO KEY UPDATE;

-- 2 of the 2 statements of one batch
WITH
  "judged" AS (
    SELECT
      id,
      email
    FROM
      users
    WHERE
      id = $1::uuid
      AND email = $2
      AND password_changed_at = $3::timestamptz
      AND email_verified_at IS NOT NULL
      AND disabled_at IS NULL
  ),
  "rehashed" AS (
    UPDATE users
    SET
      password_hash = $4::text
    FROM
      judged
    WHERE
      users.id = judged.id
      AND $5::text IS NOT NULL
  ),
  "cleared" AS (
    UPDATE failed_login_attempts a
    SET
      failures = CASE effect
        WHEN 'clear' THEN 0
        WHEN 'lower' THEN GREATEST(failures - 1, 0)
        ELSE failures
      END,
      locked_until = CASE
        WHEN effect = 'clear'
        OR effect = 'lower'
        AND failures <= budget THEN NULL
        ELSE locked_until
      END,
      in_a_row = CASE
        WHEN effect = 'streak'
        AND a.in_a_row >= max_in_a_row THEN in_a_row
        ELSE 0
      END,
      expires_at = CASE
        WHEN effect = 'streak'
        AND a.in_a_row >= max_in_a_row THEN expires_at
        ELSE $6::timestamptz + seconds_kept * interval '1 s'
      END
    FROM
      (
        VALUES
          ($7::bytea, 'clear', $8::int, $9::int, $10::int),
          ($11::bytea, 'lower', $12::int, $13::int, $14::int),
          ($15::bytea, 'streak', $16::int, $17::int, $18::int)
      ) AS rule (key, effect, budget, max_in_a_row, seconds_kept)
      JOIN (
        SELECT
          key
        FROM
          failed_login_attempts
        WHERE
          key IN ($19::bytea, $20::bytea, $21::bytea)
        ORDER BY
          key
        FOR UPDATE
      ) AS held ON held.key = rule.key
    WHERE
      a.key = rule.key
      AND EXISTS (
        SELECT
        FROM
          judged
      )
  ),
  "session" AS (
    INSERT INTO
      user_sessions (
        id,
        user_id,
        secret_hash,
        device_id,
        amr,
        last_used_at,
        idle_expires_at,
        expires_at,
        client,
        user_agent,
        place,
        transport,
        created_at
      )
    SELECT
      $22::uuid,
      id,
      $23::bytea,
      $24::uuid,
      $25::text[],
      $26::timestamptz,
      $27::timestamptz,
      $28::timestamptz,
      $29::text,
      $30::text,
      $31::text,
      $32,
      $33::timestamptz
    FROM
      judged
    RETURNING
      id,
      user_id
  ),
  "streak" AS (
    SELECT
      count(*)::int AS failures
    FROM
      security_events
    WHERE
      user_id = $34::uuid
      AND kind = 'login.failed'
      AND reason = 'wrong_password'
      AND id > COALESCE(
        (
          SELECT
            id
          FROM
            security_events
          WHERE
            user_id = $35::uuid
            AND kind IN ('login.success', 'reset.completed')
          ORDER BY
            id DESC
          LIMIT
            1
        ),
        '00000000-0000-0000-0000-000000000000'
      )
  ),
  "shown" AS (
    SELECT
      s.id,
      s.user_id,
      s.refreshes,
      s.refresh_window_ends_at,
      CASE
        WHEN s.generation = $36::int THEN 'live'
        WHEN s.exchanged_generation = $37::int
        AND s.rotated_at > $38::timestamptz
        AND (
          s.device_id = $39::uuid
          OR s.transport = 'body'
          AND $40::uuid IS NULL
        ) THEN 'racing'
        WHEN s.exchanged_generation = $41::int
        AND s.device_id = $42::uuid THEN 'late'
        ELSE 'reused'
      END AS verdict
    FROM
      user_sessions s
      JOIN users person ON person.id = s.user_id
      AND person.disabled_at IS NULL
    WHERE
      s.id = $43::uuid
      AND s.secret_hash = $44::bytea
      AND s.transport = $45
      AND s.generation >= $46::int
      AND s.revoked_at IS NULL
      AND s.expires_at > $47::timestamptz
      AND s.idle_expires_at > $48::timestamptz
      AND EXISTS (
        SELECT
        FROM
          judged
      )
    FOR UPDATE OF
      s
  ),
  "ended" AS (
    UPDATE user_sessions s
    SET
      revoked_at = $49::timestamptz,
      revoked_reason = CASE
        WHEN verdict = 'reused' THEN 'refresh_token_reused'
        ELSE 'replaced'
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
      $50::uuid,
      CASE
        WHEN verdict = 'reused' THEN 'token.reuse_detected'
        ELSE 'session.replaced'
      END,
      user_id::uuid,
      id::uuid,
      NULL::text,
      $51::text,
      $52::text,
      $53::text,
      $54::timestamptz
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
      $55::uuid,
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
      $56::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $57::timestamptz
      END,
      $58::timestamptz
    FROM
      stolen
  ),
  "displaced" AS (
    UPDATE user_sessions s
    SET
      revoked_at = $59::timestamptz,
      revoked_reason = 'too_many_sessions'
    FROM
      (
        SELECT
          o.id
        FROM
          user_sessions o
          JOIN judged ON o.user_id = judged.id
        WHERE
          o.revoked_at IS NULL
          AND o.expires_at > $60::timestamptz
          AND o.idle_expires_at > $61::timestamptz
          AND NOT EXISTS (
            SELECT
            FROM
              ended
            WHERE
              ended.id = o.id
          )
        ORDER BY
          o.created_at DESC,
          o.id DESC
        OFFSET
          $62
      ) oldest
    WHERE
      s.id = oldest.id
      AND s.revoked_at IS NULL
    RETURNING
      s.id,
      s.user_id
  ),
  "displacement" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $63::uuid,
      'session.displaced',
      user_id::uuid,
      id::uuid,
      NULL::text,
      $64::text,
      $65::text,
      $66::text,
      $67::timestamptz
    FROM
      displaced
    LIMIT
      1
    RETURNING
      kind,
      user_id,
      session_id,
      reason
  ),
  "login" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $68::uuid,
      'login.success',
      session.user_id::uuid,
      session.id::uuid,
      CASE
        WHEN streak.failures >= 10 THEN 'after_' || failures || '_failures'
      END::text,
      $69::text,
      $70::text,
      $71::text,
      $72::timestamptz
    FROM
      session,
      streak
    RETURNING
      kind,
      user_id,
      session_id,
      reason
  ),
  "notice" AS (
    INSERT INTO
      email_outbox (id, kind, user_id, recipient, recipient_key, event_id, status, failure, finished_at, created_at)
    SELECT
      $73::uuid,
      CASE
        WHEN streak.failures >= 10 THEN 'login_after_failures'
        ELSE 'new_device'
      END,
      judged.id,
      judged.email::text,
      NULL::bytea,
      $74::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $75::timestamptz
      END,
      $76::timestamptz
    FROM
      judged,
      streak
    WHERE
      streak.failures >= 10
      OR $77::boolean
      AND EXISTS (
        SELECT
        FROM
          security_events e
        WHERE
          e.user_id = judged.id
          AND e.kind = 'login.success'
      )
    RETURNING
      id
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
        UNION ALL
        SELECT
          kind,
          user_id,
          session_id,
          reason
        FROM
          "displacement"
        UNION ALL
        SELECT
          kind,
          user_id,
          session_id,
          reason
        FROM
          "login"
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
              notice
          ) AS "isNoticeOwed",
          EXISTS (
            SELECT
            FROM
              stolen
          ) AS "isAlarmOwed"
        FROM
          session
      ) selected
  ) answer ON true;
