-- Records the failure, and gives the id of the mail that is owed. The parts, in their order:
--
-- - `person`: whose ticket it is, while it holds.
-- - `failed`: the event.
-- - `off`, `disabled`: the password is switched off, so tickets and trusted devices are void; its event.
-- - `telling`, `mail`: the owner is told of many failures, or of a passkey that was copied.

-- 1 of the 2 statements of one batch
SELECT
FROM
  users
WHERE
  id = $1::uuid
FOR NO KEY UPDATE;

-- 2 of the 2 statements of one batch
WITH
  "person" AS (
    SELECT
      id,
      email
    FROM
      users
    WHERE
      users.id = $1::uuid
      AND users.password_changed_at = $2::timestamptz
      AND users.mfa_epoch = $3::int
  ),
  "failed" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $4::uuid,
      'mfa.failed',
      id::uuid,
      NULL::uuid,
      $5::text,
      $6::text,
      $7::text,
      $8::text,
      $9::timestamptz
    FROM
      person
    RETURNING
      kind,
      user_id,
      session_id,
      reason
  ),
  "off" AS (
    UPDATE users
    SET
      password_hash = NULL,
      password_changed_at = GREATEST($10::timestamptz, password_changed_at + interval '1 millisecond')
    FROM
      person
    WHERE
      users.id = person.id
      AND $11::boolean
    RETURNING
      users.id
  ),
  "disabled" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $12::uuid,
      'password.disabled',
      id::uuid,
      NULL::uuid,
      NULL::text,
      $13::text,
      $14::text,
      $15::text,
      $16::timestamptz
    FROM
      off
    RETURNING
      kind,
      user_id,
      session_id,
      reason
  ),
  "telling" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $17::uuid,
      'mfa.guessing',
      id::uuid,
      NULL::uuid,
      'after_' || $18::int || '_failures'::text,
      $19::text,
      $20::text,
      $21::text,
      $22::timestamptz
    FROM
      person
    WHERE
      $23::boolean
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
      $24::uuid,
      'mfa_guessing',
      id,
      email::text,
      NULL::bytea,
      $25::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $26::timestamptz
      END,
      $27::timestamptz
    FROM
      person
    WHERE
      $28::boolean
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
          "failed"
        UNION ALL
        SELECT
          kind,
          user_id,
          session_id,
          reason
        FROM
          "disabled"
        UNION ALL
        SELECT
          kind,
          user_id,
          session_id,
          reason
        FROM
          "telling"
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
              id
            FROM
              mail
          ) AS "mailId"
      ) selected
  ) answer ON true;
