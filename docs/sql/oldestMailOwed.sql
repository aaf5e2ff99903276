-- When the oldest mail that is still to be sent was owed; null when none is.

SELECT
  min(created_at) AS oldest
FROM
  email_outbox
WHERE
  status IN ('pending', 'sending');
