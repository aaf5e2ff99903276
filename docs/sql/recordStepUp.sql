-- Uses the proof up and records it. Undefined when the proof does not hold, or when there is an event of this id: the
-- same answer of a passkey came before. Gives the mails that are owed.

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
      AND NOT EXISTS (
        SELECT
        FROM
          security_events
        WHERE
          id = $9::uuid
      )
      AND EXISTS (
        SELECT
        FROM
          passkeys k
        WHERE
          k.id = $10::uuid
          AND k.user_id = users.id
          AND (
            k.backup_eligible
            OR $11::bigint > k.counter
            OR (
              $12::bigint = 0
              AND k.counter = 0
            )
          )
      )
  ),
  "spent" AS (
    UPDATE passkeys k
    SET
      counter = $13::bigint,
      backed_up = $14::boolean,
      last_used_at = $15::timestamptz
    FROM
      users
    WHERE
      k.id = $16::uuid
      AND k.user_id = users.id
      AND (
        k.backup_eligible
        OR $17::bigint > k.counter
        OR (
          $18::bigint = 0
          AND k.counter = 0
        )
      )
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
  "proven" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $19::uuid,
      'stepup.proven',
      id::uuid,
      $20::uuid,
      NULL::text,
      $21::text,
      $22::text,
      $23::text,
      $24::timestamptz
    FROM
      prover
    RETURNING
      kind,
      user_id,
      session_id,
      reason
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
          "proven"
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
