-- Makes the codes of the old set void. Undefined when the proof does not hold.

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
          totp_factors f
        WHERE
          f.user_id = users.id
          AND f.last_step < $9::bigint
      )
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
        ELSE $10::timestamptz + seconds_kept * interval '1 s'
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
          ($11::bytea, $12::boolean, $13::boolean, $14::int, $15::int, $16::int),
          ($17::bytea, $18::boolean, $19::boolean, $20::int, $21::int, $22::int),
          ($23::bytea, $24::boolean, $25::boolean, $26::int, $27::int, $28::int)
      ) AS rule (key, has_counted, is_shared, budget, max_in_a_row, seconds_kept)
      JOIN (
        SELECT
          key
        FROM
          failed_login_attempts
        WHERE
          key IN ($29::bytea, $30::bytea, $31::bytea)
        ORDER BY
          key
        FOR UPDATE
      ) AS held ON held.key = rule.key
    WHERE
      a.key = rule.key
      AND EXISTS (
        SELECT
        FROM
          prover
      )
  ),
  "spent" AS (
    UPDATE totp_factors f
    SET
      last_step = $32::bigint,
      sealed = $33::bytea,
      key_id = $34
    FROM
      users
    WHERE
      f.user_id = users.id
      AND f.last_step < $35::bigint
      AND users.id = (
        SELECT
          id
        FROM
          prover
      )
      AND true
    RETURNING
      users.id,
      users.email
  ),
  "codes" AS (
    INSERT INTO
      recovery_codes (user_id, set_id, key_id, created_at)
    SELECT
      id,
      $36::uuid,
      $37,
      $38::timestamptz
    FROM
      prover
    ON CONFLICT (user_id) DO UPDATE
    SET
      set_id = EXCLUDED.set_id,
      key_id = EXCLUDED.key_id,
      used = 0,
      created_at = EXCLUDED.created_at
  ),
  "event" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $39::uuid,
      'recovery.replaced',
      id::uuid,
      $40::uuid,
      NULL::text,
      $41::text,
      $42::text,
      $43::text,
      $44::timestamptz
    FROM
      prover
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
      $45::uuid,
      'recovery_codes_replaced',
      id,
      email::text,
      NULL::bytea,
      $46::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $47::timestamptz
      END,
      $48::timestamptz
    FROM
      prover
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
          id
        FROM
          prover
      ) selected
  ) answer ON true;
