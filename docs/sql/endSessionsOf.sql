-- Ends all sessions of the person.

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
  "ended" AS (
    UPDATE user_sessions s
    SET
      revoked_at = $2::timestamptz,
      revoked_reason = 'operator'
    WHERE
      s.user_id = $3::uuid
      AND s.revoked_at IS NULL
      AND s.expires_at > $4::timestamptz
      AND s.idle_expires_at > $5::timestamptz
    RETURNING
      s.id
  ),
  "done" AS (
    SELECT
      id
    FROM
      person
    WHERE
      EXISTS (
        SELECT
        FROM
          ended
      )
  ),
  "event" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $6::uuid,
      'admin.logged_out',
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
