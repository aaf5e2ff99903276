-- How many live sessions there are, and of how many people.

SELECT
  count(*) AS sessions,
  count(DISTINCT s.user_id) AS people
FROM
  user_sessions s
WHERE
  s.revoked_at IS NULL
  AND s.expires_at > $1::timestamptz
  AND s.idle_expires_at > $2::timestamptz
  AND s.created_at <= $3::timestamptz
  AND s.created_at >= $4::timestamptz;
