-- Uses up the link and sets the password. Everything that the old password opened ends: all sessions, all known
-- devices (they are bound to the version of the password) and a waiting change of address. The lockout ends too. Gives
-- the id of the notice that is owed; null when this link has set this very password before; undefined when the link
-- does not work.

-- 1 of the 2 statements of one batch
SELECT
FROM
  users u
  JOIN password_reset_tokens t ON t.user_id = u.id
WHERE
  t.id = $1::uuid
FOR NO KEY UPDATE OF
  u;

-- 2 of the 2 statements of one batch
WITH
  "link" AS (
    SELECT
      u.id,
      t.used_at IS NULL AS is_new,
      t.used_at IS NOT NULL
      AND u.password_hash = $1 AS is_repeated
    FROM
      password_reset_tokens t
      JOIN users u ON u.id = t.user_id
    WHERE
      t.id = $2::uuid
      AND (
        t.expires_at > $3::timestamptz
        AND u.disabled_at IS NULL
        AND (
          t.used_at IS NULL
          OR t.password_changed_at = u.password_changed_at
        )
      )
  ),
  "person" AS (
    UPDATE users
    SET
      password_hash = $4,
      password_changed_at = GREATEST($5::timestamptz, password_changed_at + interval '1 millisecond')
    FROM
      link
    WHERE
      users.id = link.id
      AND link.is_new
    RETURNING
      users.id,
      users.email,
      users.password_changed_at
  ),
  "used" AS (
    UPDATE password_reset_tokens
    SET
      used_at = $6::timestamptz,
      password_changed_at = person.password_changed_at
    FROM
      person
    WHERE
      password_reset_tokens.id = $7::uuid
  ),
  "forgotten" AS (
    UPDATE password_reset_tokens
    SET
      password_changed_at = NULL
    FROM
      link
    WHERE
      password_reset_tokens.id = $8::uuid
      AND NOT is_new
      AND is_repeated IS NOT TRUE
  ),
  "others" AS (
    DELETE FROM password_reset_tokens USING person
    WHERE
      user_id = person.id
      AND password_reset_tokens.id <> $9::uuid
  ),
  "ended" AS (
    UPDATE user_sessions
    SET
      revoked_at = $10::timestamptz,
      revoked_reason = 'password_reset'
    FROM
      person
    WHERE
      user_id = person.id
      AND revoked_at IS NULL
  ),
  "cancelled" AS (
    DELETE FROM verification_tokens USING person
    WHERE
      user_id = person.id
      AND purpose = 'change_email'
  ),
  "lifted" AS (
    DELETE FROM mail_suppressions
    WHERE
      address IN (
        SELECT
          email
        FROM
          person
      )
  ),
  "unlocked" AS (
    DELETE FROM failed_login_attempts
    WHERE
      key IN (
        SELECT
          key
        FROM
          failed_login_attempts
        WHERE
          owner_key IN ($11::bytea, $12::bytea)
        ORDER BY
          key
        FOR UPDATE
      )
      AND EXISTS (
        SELECT
        FROM
          person
      )
  ),
  "event" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $13::uuid,
      CASE
        WHEN person.id IS NULL THEN 'reset.failed'
        ELSE 'reset.completed'
      END,
      person.id::uuid,
      NULL::uuid,
      CASE
        WHEN person.id IS NULL THEN 'not_open'
        ELSE NULL
      END::text,
      $14::text,
      $15::text,
      $16::text,
      $17::timestamptz
    FROM
      (
        SELECT
      ) one
      LEFT JOIN person ON true
    WHERE
      NOT EXISTS (
        SELECT
        FROM
          link
        WHERE
          is_repeated
      )
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
      $18::uuid,
      'password_changed',
      id,
      email::text,
      NULL::bytea,
      $19::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $20::timestamptz
      END,
      $21::timestamptz
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
          "event"
      ) written
  ) noted
  LEFT JOIN (
    SELECT
      true AS is_answer,
      selected.*
    FROM
      (
        SELECT
          CASE
            WHEN is_new THEN $22
          END AS "mailId"
        FROM
          link
        WHERE
          is_new
          OR is_repeated
      ) selected
  ) answer ON true;
