-- Records a wrong answer from somebody who has a live session. Codes are counted for that session (guard/lockout.ts).
-- Gives the id of the mail that is owed.

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
  "failure" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $2::uuid,
      'mfa.failed',
      id::uuid,
      $3::uuid,
      $4::text,
      $5::text,
      $6::text,
      $7::text,
      $8::timestamptz
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
          "failure"
      ) written
  ) noted
  LEFT JOIN (
    SELECT
      true AS is_answer,
      selected.*
    FROM
      (
        SELECT
          id
        FROM
          person
      ) selected
  ) answer ON true;
