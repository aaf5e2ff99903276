-- At most `limit` events that are older than the event `before`. Undefined when the session has ended. Ids are in the
-- order of time.

WITH
  "bearer" AS (
    SELECT
    WHERE
      EXISTS (
        SELECT
        FROM
          users person
        WHERE
          person.id = $1::uuid
          AND person.disabled_at IS NULL
          AND person.id = (
            SELECT
              s.user_id
            FROM
              user_sessions s
            WHERE
              s.id = $2::uuid
              AND s.revoked_at IS NULL
              AND s.expires_at > $3::timestamptz
              AND s.idle_expires_at > $4::timestamptz
          )
      )
  ),
  "page" AS (
    SELECT
      id,
      kind,
      occurred_at AS at,
      client,
      user_agent AS "userAgent"
    FROM
      security_events
    WHERE
      user_id = $5::uuid
      AND id < COALESCE($6::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
    ORDER BY
      id DESC
    LIMIT
      $7
  )
SELECT
  to_jsonb(page) AS event
FROM
  bearer
  LEFT JOIN page ON true
ORDER BY
  page.id DESC;
