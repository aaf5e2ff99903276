-- When the oldest mail that is still to be sent was owed; null when none is.

select
  min("created_at")
from
  "email_outbox"
where
  status IN ('pending', 'sending');
