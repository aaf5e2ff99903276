-- Changes the name; undefined when the session has ended.

WITH
  "person" AS (
    UPDATE users
    SET
      name = $1
    WHERE
      id = $2::uuid
      AND EXISTS (
        SELECT
        FROM
          users person
        WHERE
          person.id = $3::uuid
          AND person.disabled_at IS NULL
          AND person.id = (
            SELECT
              s.user_id
            FROM
              user_sessions s
            WHERE
              s.id = $4::uuid
              AND s.revoked_at IS NULL
              AND s.expires_at > $5::timestamptz
              AND s.idle_expires_at > $6::timestamptz
          )
      )
    RETURNING
      id,
      email,
      name,
      created_at
  ),
  "changed" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $7::uuid,
      'profile.changed',
      id::uuid,
      $8::uuid,
      NULL::text,
      $9::text,
      $10::text,
      $11::text,
      $12::timestamptz
    FROM
      person
    RETURNING
      kind,
      user_id,
      session_id,
      reason
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
          "changed"
      ) written
  ) noted
  LEFT JOIN (
    SELECT
      true AS is_answer,
      selected.*
    FROM
      (
        SELECT
          id,
          email,
          name,
          created_at AS "createdAt"
        FROM
          person
      ) selected
  ) answer ON true;
