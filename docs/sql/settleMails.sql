-- Records the outcomes of claimed mails, in one statement. A consumer whose lease has ended may still record that it
-- sent a mail, and nothing else.

UPDATE email_outbox o
SET
  status = r.status,
  provider_id = coalesce(r."providerId", o.provider_id),
  failure = r.failure,
  due_at = r."dueAt",
  attempts = o.attempts - CASE
    WHEN r."isCounted" THEN 0
    ELSE 1
  END,
  recipient = CASE
    WHEN r.status IN ('pending', 'failed')
    OR o.user_id IS NOT NULL THEN o.recipient
  END,
  finished_at = CASE
    WHEN r.status = 'pending' THEN NULL
    ELSE $1::timestamptz
  END
FROM
  jsonb_to_recordset($2::jsonb) AS r (
    id uuid,
    attempts int,
    status text,
    "providerId" text,
    failure text,
    "dueAt" timestamptz,
    "isCounted" boolean
  )
WHERE
  o.id = r.id
  AND o.status <> 'sent'
  AND (
    r.status = 'sent'
    OR (
      o.status = 'sending'
      AND o.attempts = r.attempts
    )
  );
