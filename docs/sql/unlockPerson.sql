-- Deletes every counter of wrong passwords of the person, so that the right one is let in again. Also when it was
-- switched off after too many failures.

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
  "counters" AS (
    DELETE FROM failed_login_attempts
    WHERE
      key IN (
        SELECT
          key
        FROM
          failed_login_attempts
        WHERE
          user_id = $2::uuid
        ORDER BY
          key
        FOR UPDATE
      )
    RETURNING
      key
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
          counters
      )
  ),
  "event" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $3::uuid,
      'admin.unlocked',
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
