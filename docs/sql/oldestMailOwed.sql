-- When the oldest unsent mail was written. Null when there is none.

SELECT
  min(created_at) AS oldest
FROM
  email_outbox
WHERE
  status IN ('pending', 'sending');
