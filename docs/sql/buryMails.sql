-- Gives up mails without an attempt left: of the given ids, or all that are due. Gives what it buried.

UPDATE email_outbox
SET
  status = 'failed',
  finished_at = $1::timestamptz,
  due_at = NULL,
  failure = coalesce(failure, 'no outcome recorded')
WHERE
  true
  AND status IN ('pending', 'sending')
  AND (
    attempts >= $2
    OR (
      attempts > 0
      AND claimed_at < $3::timestamptz
    )
  )
  AND due_at <= $4::timestamptz
RETURNING
  id,
  kind,
  attempts,
  failure;
