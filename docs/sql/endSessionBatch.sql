-- Ends the next sessions after the id `after`, with an event for each of their people. Gives how many sessions ended,
-- and the last id that was looked at: null at the end of the table.

WITH
  "due" AS (
    SELECT
      s.id
    FROM
      user_sessions s
    WHERE
      s.id > $1::uuid
      AND s.revoked_at IS NULL
      AND s.expires_at > $2::timestamptz
      AND s.idle_expires_at > $3::timestamptz
      AND s.created_at <= $4::timestamptz
      AND s.client = $5
    ORDER BY
      s.id
    LIMIT
      $6
    FOR UPDATE
      SKIP LOCKED
  ),
  "ended" AS (
    UPDATE user_sessions
    SET
      revoked_at = $7::timestamptz,
      revoked_reason = 'operator'
    FROM
      due
    WHERE
      user_sessions.id = due.id
    RETURNING
      user_sessions.id,
      user_id
  ),
  "people" AS (
    SELECT
      user_id,
      ($8::uuid[]) [row_number() OVER ()] AS event_id
    FROM
      (
        SELECT DISTINCT
          user_id
        FROM
          ended
      ) one
  ),
  "event" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      event_id::uuid,
      'admin.logged_out',
      user_id::uuid,
      NULL::uuid,
      NULL::text,
      $9::text,
      $10::text,
      $11::text,
      $12::timestamptz
    FROM
      people
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
      event_id,
      $13,
      $14,
      $15::text
    FROM
      people
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
          (
            SELECT
              count(*)
            FROM
              ended
          ) AS ended,
          (
            SELECT
              id
            FROM
              due
            ORDER BY
              id DESC
            LIMIT
              1
          ) AS last
      ) selected
  ) answer ON true;
