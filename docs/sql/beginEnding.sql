-- Records that an operator begins, and sets the mark if `isMarked`. It stays where it is if it is later already.

WITH
  "event" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $1::uuid,
      'admin.sessions_ended',
      NULL::uuid,
      NULL::uuid,
      NULL::text,
      $2::text,
      $3::text,
      $4::text,
      $5::timestamptz
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
      $6::uuid,
      $7,
      $8,
      $9::text
  ),
  "mark" AS (
    INSERT INTO
      revoked_sessions AS mark (digest, revoked_at)
    VALUES
      ('', clock_timestamp())
    ON CONFLICT (digest) DO UPDATE
    SET
      revoked_at = GREATEST(mark.revoked_at, EXCLUDED.revoked_at)
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
      ) selected
  ) answer ON true;
