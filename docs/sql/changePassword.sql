-- Sets the new password, renews this session and ends all others, deletes reset links, cancels a waiting change of
-- address, and owes a notice, whose id it gives. Undefined when the confirmed password is no longer the current one.

-- 1 of the 3 statements of one batch
SELECT
FROM
  users
WHERE
  id = $1::uuid
FOR NO KEY UPDATE;

-- 2 of the 3 statements of one batch
SELECT
FROM
  user_sessions
WHERE
  id = $1::uuid
FOR UPDATE;

-- 3 of the 3 statements of one batch
WITH
  "person" AS (
    UPDATE users
    SET
      password_hash = $1,
      password_changed_at = GREATEST($2::timestamptz, password_changed_at + interval '1 millisecond')
    WHERE
      users.id = $3::uuid
      AND users.email = $4
      AND users.password_changed_at = $5::timestamptz
      AND EXISTS (
        SELECT
        FROM
          users person
        WHERE
          person.id = $6::uuid
          AND person.disabled_at IS NULL
          AND person.id = (
            SELECT
              s.user_id
            FROM
              user_sessions s
            WHERE
              s.id = $7::uuid
              AND s.revoked_at IS NULL
              AND s.expires_at > $8::timestamptz
              AND s.idle_expires_at > $9::timestamptz
          )
      )
    RETURNING
      id,
      email,
      password_changed_at
  ),
  "session" AS (
    UPDATE user_sessions s
    SET
      secret_hash = $10::bytea,
      device_id = $11::uuid,
      generation = 0,
      exchanged_generation = NULL,
      rotated_at = NULL,
      password_changed_at = person.password_changed_at,
      used_before_at = CASE
        WHEN s.last_used_at < date_bin('5 minutes', $12::timestamptz, 'epoch'::timestamptz) THEN s.last_used_at
        ELSE s.used_before_at
      END,
      last_used_at = $13::timestamptz,
      idle_expires_at = LEAST(expires_at, $14::timestamptz)
    FROM
      person
    WHERE
      s.id = $15::uuid
    RETURNING
      s.*
  ),
  "ended" AS (
    UPDATE user_sessions
    SET
      revoked_at = $16::timestamptz,
      revoked_reason = 'password_changed'
    FROM
      person
    WHERE
      user_id = person.id
      AND user_sessions.id <> $17::uuid
      AND revoked_at IS NULL
  ),
  "links" AS (
    DELETE FROM password_reset_tokens USING person
    WHERE
      user_id = person.id
  ),
  "cancelled" AS (
    DELETE FROM verification_tokens USING person
    WHERE
      user_id = person.id
      AND purpose = 'change_email'
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
        ELSE $18::timestamptz + seconds_kept * interval '1 s'
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
          ($19::bytea, $20::boolean, $21::boolean, $22::int, $23::int, $24::int),
          ($25::bytea, $26::boolean, $27::boolean, $28::int, $29::int, $30::int)
      ) AS rule (key, has_counted, is_shared, budget, max_in_a_row, seconds_kept)
      JOIN (
        SELECT
          key
        FROM
          failed_login_attempts
        WHERE
          key IN ($31::bytea, $32::bytea, $33::bytea)
        ORDER BY
          key
        FOR UPDATE
      ) AS held ON held.key = rule.key
    WHERE
      a.key = rule.key
      AND EXISTS (
        SELECT
        FROM
          person
      )
  ),
  "change" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $34::uuid,
      'password.changed',
      id::uuid,
      $35::uuid,
      NULL::text,
      $36::text,
      $37::text,
      $38::text,
      $39::timestamptz
    FROM
      person
    RETURNING
      kind,
      user_id,
      session_id,
      reason
  ),
  "mail" AS (
    INSERT INTO
      email_outbox (id, kind, user_id, recipient, recipient_key, event_id, status, failure, finished_at, created_at)
    SELECT
      $40::uuid,
      'password_changed',
      id,
      email::text,
      NULL::bytea,
      $41::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $42::timestamptz
      END,
      $43::timestamptz
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
          "change"
      ) written
  ) noted
  LEFT JOIN (
    SELECT
      true AS is_answer,
      selected.*
    FROM
      (
        SELECT
          password_changed_at AS "passwordChangedAt",
          amr,
          created_at AS "authenticatedAt",
          expires_at AS "expiresAt"
        FROM
          session
      ) selected
  ) answer ON true;
