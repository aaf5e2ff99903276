-- Up to `limit` mails that are due now, oldest first, for jobs that look by themselves instead of being told by a
-- queue. Two readers may get the same mail: the claim decides.

SELECT
  id
FROM
  email_outbox
WHERE
  status IN ('pending', 'sending')
  AND coalesce(due_at, created_at) <= $1::timestamptz
ORDER BY
  coalesce(due_at, created_at)
LIMIT
  $2;
