-- Marks up to `limit` due mails as queued, oldest first, and gives their ids. Two sweeps never take the same mail.

WITH
  "due" AS (
    SELECT
      id
    FROM
      email_outbox
    WHERE
      status IN ('pending', 'sending')
      AND coalesce(due_at, created_at) <= $1::timestamptz
      AND (
        queued_at IS NULL
        OR queued_at <= $2::timestamptz
      )
    ORDER BY
      coalesce(due_at, created_at)
    LIMIT
      $3
    FOR UPDATE
      SKIP LOCKED
  )
UPDATE email_outbox o
SET
  queued_at = $4::timestamptz
FROM
  due
WHERE
  o.id = due.id
RETURNING
  o.id;
