-- Owes the person a link that sets a new password. It is counted in no lane and makes no other link void. Unchanged for
-- somebody who is disabled, or whose address is not proven.

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
      email_verified_at,
      disabled_at
    FROM
      users
    WHERE
      id = $1::uuid
  ),
  "done" AS (
    SELECT
      id
    FROM
      person
    WHERE
      email_verified_at IS NOT NULL
      AND disabled_at IS NULL
  ),
  "link" AS (
    INSERT INTO
      password_reset_tokens (id, user_id, recipient_key, key_id, expires_at, created_at)
    SELECT
      $2::uuid,
      id,
      '',
      $3,
      $4::timestamptz,
      $5::timestamptz
    FROM
      done
  ),
  "event" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $6::uuid,
      'admin.reset_started',
      id::uuid,
      NULL::uuid,
      NULL::text,
      $7::text,
      $8::text,
      $9::text,
      $10::timestamptz
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
      $11::uuid,
      $12,
      $13,
      $14::text
    FROM
      done
  ),
  "mail" AS (
    INSERT INTO
      email_outbox (id, kind, user_id, event_id, created_at)
    SELECT
      $15::uuid,
      'reset_password',
      id,
      $16::uuid,
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
