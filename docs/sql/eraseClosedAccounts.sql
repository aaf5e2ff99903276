-- Erases the closed accounts that are due, and gives their number. The schedule of the jobs Worker runs it.

WITH
  "due" AS (
    SELECT
      id
    FROM
      users
    WHERE
      deletion_due_at <= $1::timestamptz
    ORDER BY
      deletion_due_at
    LIMIT
      $2
    FOR UPDATE
      SKIP LOCKED
  ),
  "erased" AS (
    DELETE FROM users USING due
    WHERE
      users.id = due.id
    RETURNING
      users.id
  ),
  "deletions" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      gen_random_uuid()::uuid,
      'account.deleted',
      NULL::uuid,
      NULL::uuid,
      NULL::text,
      $3::text,
      $4::text,
      $5::text,
      $6::timestamptz
    FROM
      erased
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
          "deletions"
      ) written
  ) noted
  LEFT JOIN (
    SELECT
      true AS is_answer,
      selected.*
    FROM
      (
        SELECT
          count(*) AS count
        FROM
          erased
      ) selected
  ) answer ON true;
