-- Opens a session if the proof holds; undefined if it does not. One statement. Without a row in `judged`, none of its
-- parts does anything:
--
-- - `proven`, `judged` and the other parts of the proof (for a password: `rehashed`, `cleared`).
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
  "proven" AS (
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
  "judged" AS (
    SELECT
      proven.id,
      proven.email
    FROM
      proven
      JOIN users ON users.id = proven.id
    WHERE
      users.mfa_epoch = $4::int
      AND users.disabled_at IS NULL
  ),
  "rehashed" AS (
    UPDATE users
    SET
      password_hash = $5::text
    FROM
      judged
    WHERE
      users.id = judged.id
      AND $6::text IS NOT NULL
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
        ELSE $7::timestamptz + seconds_kept * interval '1 s'
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
          ($8::bytea, $9::boolean, $10::boolean, $11::int, $12::int, $13::int),
          ($14::bytea, $15::boolean, $16::boolean, $17::int, $18::int, $19::int),
          ($20::bytea, $21::boolean, $22::boolean, $23::int, $24::int, $25::int)
      ) AS rule (key, has_counted, is_shared, budget, max_in_a_row, seconds_kept)
      JOIN (
        SELECT
          key
        FROM
          failed_login_attempts
        WHERE
          key IN ($26::bytea, $27::bytea, $28::bytea)
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
      $29::uuid,
      id,
      $30::bytea,
      $31::uuid,
      $32::text[],
      $33::timestamptz,
      $34::timestamptz,
      $35::timestamptz,
      $36::text,
      $37::text,
      $38::text,
      $39,
      $40::timestamptz
    FROM
      judged
    ON CONFLICT (id) DO NOTHING
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
      user_id = $41::uuid
      AND kind = 'login.failed'
      AND reason = 'wrong_password'
      AND id > COALESCE(
        (
          SELECT
            id
          FROM
            security_events
          WHERE
            user_id = $42::uuid
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
        WHEN s.generation = $43::int THEN CASE
          WHEN s.exchanged_generation IS NOT NULL
          AND s.rotated_at > $44::timestamptz
          AND s.device_id = $45::uuid THEN 'fresh'
          ELSE 'live'
        END
        WHEN s.exchanged_generation = $46::int
        AND s.rotated_at > $47::timestamptz
        AND (
          s.device_id = $48::uuid
          OR s.transport = 'body'
          AND $49::uuid IS NULL
        ) THEN 'racing'
        WHEN s.exchanged_generation = $50::int
        AND s.device_id = $51::uuid THEN 'late'
        ELSE 'reused'
      END AS verdict
    FROM
      user_sessions s
      JOIN users person ON person.id = s.user_id
      AND person.disabled_at IS NULL
    WHERE
      s.id = $52::uuid
      AND s.secret_hash = $53::bytea
      AND s.transport = $54
      AND s.generation >= $55::int
      AND s.revoked_at IS NULL
      AND s.expires_at > $56::timestamptz
      AND s.idle_expires_at > $57::timestamptz
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
      revoked_at = $58::timestamptz,
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
      $59::uuid,
      CASE
        WHEN verdict = 'reused' THEN 'token.reuse_detected'
        ELSE 'session.replaced'
      END,
      user_id::uuid,
      id::uuid,
      NULL::text,
      $60::text,
      $61::text,
      $62::text,
      $63::timestamptz
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
      $64::uuid,
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
      $65::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $66::timestamptz
      END,
      $67::timestamptz
    FROM
      stolen
  ),
  "displaced" AS (
    UPDATE user_sessions s
    SET
      revoked_at = $68::timestamptz,
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
          AND o.expires_at > $69::timestamptz
          AND o.idle_expires_at > $70::timestamptz
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
          $71
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
      $72::uuid,
      'session.displaced',
      user_id::uuid,
      id::uuid,
      NULL::text,
      $73::text,
      $74::text,
      $75::text,
      $76::timestamptz
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
      $77::uuid,
      'login.success',
      session.user_id::uuid,
      session.id::uuid,
      CASE
        WHEN streak.failures >= 10 THEN 'after_' || failures || '_failures'
      END::text,
      $78::text,
      $79::text,
      $80::text,
      $81::timestamptz
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
      $82::uuid,
      CASE
        WHEN streak.failures >= 10 THEN 'login_after_failures'
        ELSE 'new_device'
      END,
      judged.id,
      judged.email::text,
      NULL::bytea,
      $83::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $84::timestamptz
      END,
      $85::timestamptz
    FROM
      judged,
      streak
    WHERE
      streak.failures >= 10
      OR $86::boolean
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
