-- Claims those of the mails `ids` that are due, until `leaseEnd`. `spent` are mails without an attempt left, which are
-- to be given up. The others are finished, deleted, not due yet, or claimed by another consumer.

WITH
  "due" AS (
    SELECT
      id,
      (
        attempts > 0
        AND (
          failure IS NULL
          OR failure = 'timeout'
          OR failure LIKE 'no answer%'
        )
      ) AS is_fate_unknown
    FROM
      email_outbox
    WHERE
      id = ANY ($1::uuid[])
      AND status IN ('pending', 'sending')
      AND NOT (
        attempts >= $2
        OR (
          attempts > 0
          AND claimed_at < $3::timestamptz
        )
      )
      AND (
        due_at IS NULL
        OR due_at <= $4::timestamptz
      )
    ORDER BY
      id
    FOR UPDATE
  ),
  "claimed" AS (
    UPDATE email_outbox o
    SET
      status = 'sending',
      attempts = attempts + 1,
      due_at = $5::timestamptz,
      claimed_at = CASE
        WHEN attempts = 0 THEN $6::timestamptz
        ELSE claimed_at
      END,
      failure = NULL
    FROM
      due
    WHERE
      o.id = due.id
    RETURNING
      o.id,
      o.attempts AS attempt,
      due.is_fate_unknown
  )
SELECT
  o.id,
  claimed.id IS NOT NULL AS "isClaimed",
  o.kind,
  coalesce(claimed.attempt, attempts) AS attempts,
  claimed.is_fate_unknown AS "isFateUnknown",
  status IN ('pending', 'sending')
  AND (
    attempts >= $7
    OR (
      attempts > 0
      AND claimed_at < $8::timestamptz
    )
  )
  AND due_at <= $9::timestamptz AS "isSpent",
  o.user_id AS "userId",
  o.recipient AS "to",
  u.locale,
  coalesce(
    (
      s.reason IN ('bounced', 'operator')
      OR s.reason = 'complained'
      AND o.recipient_key IS NOT NULL
      AND o.kind <> 'reset_password'
    ),
    false
  ) AS "isSuppressed",
  coalesce(t.id, r.id) AS "tokenId",
  coalesce(t.key_id, r.key_id) AS "keyId",
  t.code_expires_at > $10::timestamptz AS "isCodeOpen",
  extract(
    epoch
    FROM
      r.expires_at - r.created_at
  )::int AS "lifeSeconds",
  undo.id AS "undoId",
  e.occurred_at AS "occurredAt",
  e.client,
  e.user_agent AS "userAgent",
  e.reason
FROM
  email_outbox o
  LEFT JOIN users u ON u.id = o.user_id
  LEFT JOIN claimed ON claimed.id = o.id
  LEFT JOIN mail_suppressions s ON s.address = o.recipient
  LEFT JOIN verification_tokens t ON t.mail_id = o.id
  AND t.user_id = o.user_id
  AND t.used_at IS NULL
  AND t.expires_at > $11::timestamptz
  LEFT JOIN password_reset_tokens r ON r.id = o.id
  AND r.user_id = o.user_id
  AND r.used_at IS NULL
  AND r.expires_at > $12::timestamptz
  LEFT JOIN LATERAL (
    SELECT
      d.id
    FROM
      email_change_undos d
    WHERE
      d.user_id = o.user_id
      AND d.expires_at > $13::timestamptz
      AND (
        d.mail_id = o.id
        OR o.kind = 'account_deletion_requested'
        AND d.email = o.recipient
      )
    ORDER BY
      d.created_at
    LIMIT
      1
  ) undo ON true
  LEFT JOIN security_events e ON e.id = o.event_id
WHERE
  o.id = ANY ($14::uuid[]);
