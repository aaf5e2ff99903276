-- Whose password a link resets. Also for a used link whose password is still the current one. Any other link is
-- recorded as a failed try.

WITH
  "reset" AS (
    SELECT
      u.id,
      u.name,
      u.email
    FROM
      password_reset_tokens t
      JOIN users u ON u.id = t.user_id
    WHERE
      t.id = $1::uuid
      AND (
        t.expires_at > $2::timestamptz
        AND u.disabled_at IS NULL
        AND (
          t.used_at IS NULL
          OR t.password_changed_at = u.password_changed_at
        )
      )
  ),
  "failed" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $3::uuid,
      'reset.failed',
      NULL::uuid,
      NULL::uuid,
      'not_open'::text,
      $4::text,
      $5::text,
      $6::text,
      $7::timestamptz
    WHERE
      NOT EXISTS (
        SELECT
        FROM
        reset
      )
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
          "failed"
      ) written
  ) noted
  LEFT JOIN (
    SELECT
      true AS is_answer,
      selected.*
    FROM
      (
        SELECT
          id AS "userId",
          name,
          email
        FROM
        reset
      ) selected
  ) answer ON true;
