-- Disables the person: every session ends, and no link or code that was mailed works any more. Somebody who has closed
-- the own account can be disabled too, and then no undo opens it. Unchanged when an operator has disabled them already.

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
      id = $1::uuid
  ),
  "done" AS (
    UPDATE users
    SET
      disabled_at = COALESCE(disabled_at, $2::timestamptz),
      disabled_by = $3
    WHERE
      id = $4::uuid
      AND disabled_by IS NULL
    RETURNING
      id
  ),
  "ended" AS (
    UPDATE user_sessions
    SET
      revoked_at = $5::timestamptz,
      revoked_reason = 'account_disabled'
    FROM
      done
    WHERE
      user_id = done.id
      AND revoked_at IS NULL
  ),
  "links" AS (
    DELETE FROM password_reset_tokens USING done
    WHERE
      user_id = done.id
  ),
  "waiting" AS (
    DELETE FROM verification_tokens USING done
    WHERE
      user_id = done.id
      AND purpose = 'change_email'
  ),
  "event" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $6::uuid,
      'admin.disabled',
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
