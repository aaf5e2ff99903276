-- Enables the person again. An account that its owner has closed stays closed.

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
      disabled_by = NULL,
      disabled_at = CASE
        WHEN deletion_due_at IS NOT NULL THEN disabled_at
      END
    WHERE
      id = $2::uuid
      AND disabled_at IS NOT NULL
      AND (
        disabled_by IS NOT NULL
        OR deletion_due_at IS NULL
      )
    RETURNING
      id
  ),
  "event" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $3::uuid,
      'admin.enabled',
      id::uuid,
      NULL::uuid,
      NULL::text,
      $4::text,
      $5::text,
      $6::text,
      $7::timestamptz
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
      $8::uuid,
      $9,
      $10,
      $11::text
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
