-- Newest first.

SELECT
  o.id,
  o.kind,
  o.status,
  o.attempts,
  o.failure,
  o.report,
  o.recipient AS "to",
  EXISTS (
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
  ) AS "isSuppressed",
  to_char(o.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "createdAt",
  to_char(o.due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "dueAt",
  to_char(o.finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "finishedAt",
  o.provider_id AS "providerId"
FROM
  email_outbox o
WHERE
  (
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
ORDER BY
  o.created_at DESC,
  o.id DESC
LIMIT
  $12;
