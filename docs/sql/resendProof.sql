-- Owes the mailbox of a sign-up a new mail with its link, and makes the codes mailed before void. The mail has no code:
-- a code would need a key. Unchanged when nothing waits for proof.

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
      id
    FROM
      users
    WHERE
      id = $1::uuid
  ),
  "done" AS (
    UPDATE verification_tokens t
    SET
      mail_id = $2::uuid,
      key_id = $3,
      code_expires_at = '-infinity',
      link_tries = 0
    FROM
      users u
    WHERE
      u.id = $4::uuid
      AND t.user_id = u.id
      AND t.purpose = 'verify_email'
      AND t.used_at IS NULL
      AND t.expires_at > $5::timestamptz
      AND u.email_verified_at IS NULL
      AND u.disabled_at IS NULL
      AND u.pending_expires_at > $6::timestamptz
      AND NOT EXISTS (
        SELECT
        FROM
          users o
        WHERE
          o.email = u.email
          AND o.email_verified_at IS NOT NULL
      )
    RETURNING
      u.id
  ),
  "event" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $7::uuid,
      'admin.proof_resent',
      id::uuid,
      NULL::uuid,
      NULL::text,
      $8::text,
      $9::text,
      $10::text,
      $11::timestamptz
    FROM
      done
    RETURNING
      kind,
      user_id,
      session_id,
      reason
  ),
  "act" AS (
    INSERT INTO
      admin_acts (event_id, operator, door, reason)
    SELECT
      $12::uuid,
      $13,
      $14,
      $15::text
    FROM
      done
  ),
  "mail" AS (
    INSERT INTO
      email_outbox (id, kind, user_id, created_at)
    SELECT
      $16::uuid,
      'verify_email',
      id,
      $17::timestamptz
    FROM
      done
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
            WHEN EXISTS (
              SELECT
              FROM
                done
            ) THEN 'done'
            WHEN EXISTS (
              SELECT
              FROM
                person
            ) THEN 'unchanged'
            ELSE 'unknown'
          END AS outcome
      ) selected
  ) answer ON true;
