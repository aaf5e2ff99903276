-- Unchanged for somebody without a factor, who is disabled, or whose removal waits already.

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
    INSERT INTO
      factor_removals (id, user_id, due_at, created_at)
    SELECT
      $2::uuid,
      u.id,
      $3::timestamptz,
      $4::timestamptz
    FROM
      users u
    WHERE
      u.id = $5::uuid
      AND u.email_verified_at IS NOT NULL
      AND u.disabled_at IS NULL
      AND (
        EXISTS (
          SELECT
          FROM
            totp_factors f
          WHERE
            f.user_id = u.id
        )
        OR EXISTS (
          SELECT
          FROM
            passkeys k
          WHERE
            k.user_id = u.id
        )
      )
    ON CONFLICT (user_id) DO NOTHING
    RETURNING
      user_id AS id
  ),
  "event" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $6::uuid,
      'admin.factor_removal_requested',
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
      'factor_removal_requested',
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
