-- Takes the proof for an act that changes nothing yet. Gives the mails that it causes; undefined when it does not hold.

-- 1 of the 2 statements of one batch
SELECT
FROM
  users
WHERE
  id = $1::uuid
FOR NO KEY UPDATE;

-- 2 of the 2 statements of one batch
WITH
  "prover" AS (
    SELECT
      id,
      email
    FROM
      users
    WHERE
      users.id = $1::uuid
      AND users.email = $2
      AND users.password_changed_at = $3::timestamptz
      AND EXISTS (
        SELECT
        FROM
          users person
        WHERE
          person.id = $4::uuid
          AND person.disabled_at IS NULL
          AND person.id = (
            SELECT
              s.user_id
            FROM
              user_sessions s
            WHERE
              s.id = $5::uuid
              AND s.revoked_at IS NULL
              AND s.expires_at > $6::timestamptz
              AND s.idle_expires_at > $7::timestamptz
          )
      )
      AND users.mfa_epoch = $8::int
      AND true
      AND EXISTS (
        SELECT
        FROM
          recovery_codes f
        WHERE
          f.user_id = users.id
          AND f.set_id = $9::uuid
          AND f.used & (1 << $10::int) = 0
      )
  ),
  "spent" AS (
    UPDATE recovery_codes f
    SET
      used = f.used | (1 << $11::int)
    FROM
      users
    WHERE
      f.user_id = users.id
      AND f.set_id = $12::uuid
      AND f.used & (1 << $13::int) = 0
      AND users.id = (
        SELECT
          id
        FROM
          prover
      )
      AND true
    RETURNING
      users.id,
      users.email,
      $14::int - bit_count(f.used::bit(32))::int AS codes_left
  ),
  "recovery" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $15::uuid,
      'recovery.used',
      id::uuid,
      $16::uuid,
      codes_left || '_left'::text,
      $17::text,
      $18::text,
      $19::text,
      $20::timestamptz
    FROM
      spent
    RETURNING
      kind,
      user_id,
      session_id,
      reason
  ),
  "recovery_mail" AS (
    INSERT INTO
      email_outbox (id, kind, user_id, recipient, recipient_key, event_id, status, failure, finished_at, created_at)
    SELECT
      $21::uuid,
      'recovery_code_used',
      id,
      email::text,
      NULL::bytea,
      $22::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $23::timestamptz
      END,
      $24::timestamptz
    FROM
      spent
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
          "recovery"
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
          prover
      ) selected
  ) answer ON true;
