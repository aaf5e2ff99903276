-- Records a failed login, in one trip as a successful one takes. For an unknown passkey the same rows are written, but
-- for nobody. Gives the mail that is owed.

WITH
  "person" AS (
    SELECT
      id,
      email
    FROM
      users
    WHERE
      id = $1::uuid
    FOR KEY SHARE
  ),
  "failed" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $2::uuid,
      'login.failed',
      person.id::uuid,
      NULL::uuid,
      $3::text,
      $4::text,
      $5::text,
      $6::text,
      $7::timestamptz
    FROM
      (
        SELECT
      ) one
      LEFT JOIN person ON true
    RETURNING
      kind,
      user_id,
      session_id,
      reason
  ),
  "copied" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $8::uuid,
      'passkey.copied',
      id::uuid,
      NULL::uuid,
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
  ),
  "copied_mail" AS (
    INSERT INTO
      email_outbox (id, kind, user_id, recipient, recipient_key, event_id, status, failure, finished_at, created_at)
    SELECT
      $13::uuid,
      'passkey_copied',
      id,
      email::text,
      NULL::bytea,
      $14::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $15::timestamptz
      END,
      $16::timestamptz
    FROM
      person
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
        UNION ALL
        SELECT
          kind,
          user_id,
          session_id,
          reason
        FROM
          "copied"
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
              person
          ) AS "isKnown"
      ) selected
  ) answer ON true;
