-- The live sessions, last used first. Empty when the session of the bearer has ended, since it would be one of them.

SELECT
  o.id,
  o.client,
  o.user_agent AS "userAgent",
  o.place,
  o.created_at AS "createdAt",
  GREATEST(
    o.created_at,
    date_bin(
      '5 minutes',
      CASE
        WHEN o.last_used_at < date_bin('5 minutes', $1::timestamptz, 'epoch'::timestamptz) THEN o.last_used_at
        ELSE o.used_before_at
      END,
      'epoch'::timestamptz
    )
  ) AS "lastUsedAt"
FROM
  user_sessions o
WHERE
  o.user_id = $2::uuid
  AND o.revoked_at IS NULL
  AND o.expires_at > $3::timestamptz
  AND o.idle_expires_at > $4::timestamptz
  AND EXISTS (
    SELECT
    FROM
      users person
    WHERE
      person.id = $5::uuid
      AND person.disabled_at IS NULL
      AND person.id = (
        SELECT
          s.user_id
        FROM
          user_sessions s
        WHERE
          s.id = $6::uuid
          AND s.revoked_at IS NULL
          AND s.expires_at > $7::timestamptz
          AND s.idle_expires_at > $8::timestamptz
      )
  )
ORDER BY
  "lastUsedAt" DESC,
  o.id DESC;
