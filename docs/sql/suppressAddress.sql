-- Stops all mail to an address, or allows it again. The event belongs to the account that has the address, if there is
-- one. False when it was so already.

WITH
  "done" AS (
    INSERT INTO
      mail_suppressions (address, reason, created_at)
    VALUES
      ($1, 'operator', $2::timestamptz)
    ON CONFLICT (address) DO UPDATE
    SET
      reason = 'operator',
      created_at = EXCLUDED.created_at
    WHERE
      mail_suppressions.reason <> 'operator'
    RETURNING
      address
  ),
  "event" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $3::uuid,
      'admin.suppressed',
      (
        SELECT
          u.id
        FROM
          users u
        WHERE
          u.email = done.address
          AND u.email_verified_at IS NOT NULL
      )::uuid,
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
          address
        FROM
          done
      ) selected
  ) answer ON true;

WITH
  "done" AS (
    DELETE FROM mail_suppressions
    WHERE
      address = $1
    RETURNING
      address
  ),
  "event" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $2::uuid,
      'admin.unsuppressed',
      (
        SELECT
          u.id
        FROM
          users u
        WHERE
          u.email = done.address
          AND u.email_verified_at IS NOT NULL
      )::uuid,
      NULL::uuid,
      NULL::text,
      $3::text,
      $4::text,
      $5::text,
      $6::timestamptz
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
      $7::uuid,
      $8,
      $9,
      $10::text
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
          address
        FROM
          done
      ) selected
  ) answer ON true;
