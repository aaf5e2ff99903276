-- The account of the bearer. Undefined when the session has ended.

SELECT
  id,
  email,
  name,
  created_at AS "createdAt"
FROM
  users
WHERE
  id = $1::uuid
  AND EXISTS (
    SELECT
    FROM
      users person
    WHERE
      person.id = $2::uuid
      AND person.disabled_at IS NULL
      AND person.id = (
        SELECT
          s.user_id
        FROM
          user_sessions s
        WHERE
          s.id = $3::uuid
          AND s.revoked_at IS NULL
          AND s.expires_at > $4::timestamptz
          AND s.idle_expires_at > $5::timestamptz
      )
  );
