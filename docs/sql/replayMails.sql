-- Makes failed mails pending again, with all their attempts, and gives their ids. With an `id`, that mail may also be
-- one that was skipped. The sweep sends them within a minute. Mail that was sent, is on its way, or would only be
-- skipped again is left alone.

UPDATE email_outbox o
SET
  status = 'pending',
  attempts = 0,
  claimed_at = NULL,
  queued_at = NULL,
  finished_at = NULL,
  failure = NULL,
  due_at = NULL
WHERE
  o.status IN ('failed')
  AND o.recipient IS NOT NULL
  AND NOT EXISTS (
    SELECT
    FROM
      mail_suppressions s
    WHERE
      s.address = o.recipient
      AND (
        s.reason IN ('bounced', 'operator')
        OR s.reason = 'complained'
        AND o.recipient_key IS NOT NULL
        AND o.kind <> 'reset_password'
      )
  )
  AND (
    $1::uuid IS NULL
    OR o.id = $2::uuid
  )
  AND (
    $3::text IS NULL
    OR o.status = $4::text
  )
  AND (
    $5::text IS NULL
    OR o.kind = $6::text
  )
  AND (
    $7::text IS NULL
    OR o.recipient = $8::text
  )
  AND (
    $9::text IS NULL
    OR (
      o.created_at >= ($10::date)::timestamp AT TIME ZONE 'UTC'
      AND o.created_at < ($11::date + 1)::timestamp AT TIME ZONE 'UTC'
    )
  )
RETURNING
  o.id;
