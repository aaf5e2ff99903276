-- `gone`: the session of the bearer has ended. `unknown`: there is none, or it belongs to somebody else.

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
  "renamed" AS (
    UPDATE passkeys k
    SET
      name = $5::text
    FROM
      bearer
    WHERE
      k.id = $6::uuid
      AND k.user_id = $7::uuid
    RETURNING
      k.user_id
  ),
  "renaming" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $8::uuid,
      'passkey.renamed',
      user_id::uuid,
      $9::uuid,
      NULL::text,
      $10::text,
      $11::text,
      $12::text,
      $13::timestamptz
    FROM
      renamed
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
          "renaming"
      ) written
  ) noted
  LEFT JOIN (
    SELECT
      true AS is_answer,
      selected.*
    FROM
      (
        SELECT
          EXISTS (
            SELECT
            FROM
              renamed
          ) AS "isRenamed"
        FROM
          bearer
      ) selected
  ) answer ON true;
