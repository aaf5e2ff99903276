-- Opens a session if the proof holds; undefined if it does not. One statement. Without a row in `judged`, none of its
-- parts does anything:
--
-- - `judged` and the other parts of the proof (for a password: `rehashed`, `cleared`).
-- - `session`: the new session.
-- - `streak`: how many logins failed since the last success.
-- - `shown`, `ended`, `ending`, `stolen`, `alarm` (only with `replaces`): the session of the browser's old cookie
--   ends. If that cookie was stolen, its owner is told by mail.
-- - `displaced`, `displacement`: the oldest sessions beyond `maxLive` end.
-- - `login`: the security event.
-- - `notice`: a mail, if the device is new or if many logins failed before.
--
-- The lock of the person comes first. So logins of one person run one after the other, and each counts the sessions of
-- those before.

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
      in_a_row = CASE
        WHEN NOT has_counted
        AND a.in_a_row >= max_in_a_row THEN in_a_row
        ELSE 0
      END,
      expires_at = CASE
        WHEN NOT has_counted
        AND a.in_a_row >= max_in_a_row THEN expires_at
        ELSE $6::timestamptz + seconds_kept * interval '1 s'
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
          ($7::bytea, $8::boolean, $9::boolean, $10::int, $11::int, $12::int),
          ($13::bytea, $14::boolean, $15::boolean, $16::int, $17::int, $18::int),
          ($19::bytea, $20::boolean, $21::boolean, $22::int, $23::int, $24::int)
      ) AS rule (key, has_counted, is_shared, budget, max_in_a_row, seconds_kept)
      JOIN (
        SELECT
          key
        FROM
          failed_login_attempts
        WHERE
          key IN ($25::bytea, $26::bytea, $27::bytea)
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
      $28::uuid,
      id,
      $29::bytea,
      $30::uuid,
      $31::text[],
      $32::timestamptz,
      $33::timestamptz,
      $34::timestamptz,
      $35::text,
      $36::text,
      $37::text,
      $38,
      $39::timestamptz
    FROM
      judged
    WHERE
      EXISTS (
        SELECT
        FROM
          users open
        WHERE
          open.id = judged.id
          AND open.disabled_at IS NULL
      )
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
      user_id = $40::uuid
      AND kind = 'login.failed'
      AND reason = 'wrong_password'
      AND id > COALESCE(
        (
          SELECT
            id
          FROM
            security_events
          WHERE
            user_id = $41::uuid
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
      s.refresh_window_ends_at AS window_ends_at,
      CASE
        WHEN s.generation = $42::int THEN CASE
          WHEN s.exchanged_generation IS NOT NULL
          AND s.rotated_at > $43::timestamptz
          AND s.device_id = $44::uuid THEN 'fresh'
          ELSE 'live'
        END
        WHEN s.exchanged_generation = $45::int
        AND s.rotated_at > $46::timestamptz
        AND (
          s.device_id = $47::uuid
          OR s.transport = 'body'
          AND $48::uuid IS NULL
        ) THEN 'racing'
        WHEN s.exchanged_generation = $49::int
        AND s.device_id = $50::uuid THEN 'late'
        ELSE 'reused'
      END AS verdict
    FROM
      user_sessions s
      JOIN users person ON person.id = s.user_id
      AND person.disabled_at IS NULL
    WHERE
      s.id = $51::uuid
      AND s.secret_hash = $52::bytea
      AND s.transport = $53
      AND s.generation >= $54::int
      AND s.revoked_at IS NULL
      AND s.expires_at > $55::timestamptz
      AND s.idle_expires_at > $56::timestamptz
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
      revoked_at = $57::timestamptz,
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
      $58::uuid,
      CASE
        WHEN verdict = 'reused' THEN 'token.reuse_detected'
        ELSE 'session.replaced'
      END,
      user_id::uuid,
      id::uuid,
      NULL::text,
      $59::text,
      $60::text,
      $61::text,
      $62::timestamptz
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
      $63::uuid,
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
      $64::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $65::timestamptz
      END,
      $66::timestamptz
    FROM
      stolen
  ),
  "displaced" AS (
    UPDATE user_sessions s
    SET
      revoked_at = $67::timestamptz,
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
          AND o.expires_at > $68::timestamptz
          AND o.idle_expires_at > $69::timestamptz
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
          $70
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
      $71::uuid,
      'session.displaced',
      user_id::uuid,
      id::uuid,
      NULL::text,
      $72::text,
      $73::text,
      $74::text,
      $75::timestamptz
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
      $76::uuid,
      'login.success',
      session.user_id::uuid,
      session.id::uuid,
      CASE
        WHEN streak.failures >= 10 THEN 'after_' || failures || '_failures'
      END::text,
      $77::text,
      $78::text,
      $79::text,
      $80::timestamptz
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
      $81::uuid,
      CASE
        WHEN streak.failures >= 10 THEN 'login_after_failures'
        ELSE 'new_device'
      END,
      judged.id,
      judged.email::text,
      NULL::bytea,
      $82::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $83::timestamptz
      END,
      $84::timestamptz
    FROM
      judged,
      streak
    WHERE
      streak.failures >= 10
      OR $85::boolean
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
