-- Calls the removal off. Unchanged when none waits.

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
    DELETE FROM factor_removals
    WHERE
      user_id = $2::uuid
    RETURNING
      user_id AS id
  ),
  "event" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $3::uuid,
      'admin.factor_removal_cancelled',
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
