-- Counts a try of the password that goes with a link, before anything is hashed. Gives the address that the link was
-- mailed to, and the record of the imported sign-up that waits for its proof. A used link keeps its remaining tries while the password is still that of the sign-up. Undefined, and
-- recorded, when the link does not work any more.

WITH
  "link" AS (
    UPDATE verification_tokens t
    SET
      link_tries = link_tries + 1
    FROM
      users u
    WHERE
      t.id = $1::uuid
      AND u.id = t.user_id
      AND t.link_tries < $2
      AND (
        (
          t.purpose = 'verify_email'
          AND t.used_at IS NULL
          AND t.expires_at > $3::timestamptz
          AND u.email_verified_at IS NULL
          AND u.disabled_at IS NULL
          AND u.pending_expires_at > $4::timestamptz
        )
        OR t.purpose = 'verify_email'
        AND t.expires_at > $5::timestamptz
        AND u.password_changed_at <= t.used_at
      )
    RETURNING
      u.email
  ),
  "failed" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $6::uuid,
      'verify.failed',
      NULL::uuid,
      NULL::uuid,
      'not_open'::text,
      $7::text,
      $8::text,
      $9::text,
      $10::timestamptz
    WHERE
      NOT EXISTS (
        SELECT
        FROM
          link
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
          email,
          (
            SELECT
              password_hash
            FROM
              users imported
            WHERE
              imported.email = link.email
              AND email_verified_at IS NULL
              AND external_source IS NOT NULL
              AND pending_expires_at > $11::timestamptz
          ) AS imported
        FROM
          link
      ) selected
  ) answer ON true;
