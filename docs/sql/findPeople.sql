-- At most `limit` people, in the order of their addresses.

SELECT
  id,
  email,
  name,
  CASE
    WHEN disabled_by IS NOT NULL THEN 'disabled'
    WHEN deletion_due_at IS NOT NULL THEN 'closed'
    WHEN disabled_at IS NOT NULL THEN 'disabled'
    WHEN email_verified_at IS NULL THEN 'waiting'
    ELSE 'active'
  END AS state,
  created_at AS "createdAt"
FROM
  users
WHERE
  id = $1::uuid
ORDER BY
  email,
  created_at
LIMIT
  $2;

SELECT
  id,
  email,
  name,
  CASE
    WHEN disabled_by IS NOT NULL THEN 'disabled'
    WHEN deletion_due_at IS NOT NULL THEN 'closed'
    WHEN disabled_at IS NOT NULL THEN 'disabled'
    WHEN email_verified_at IS NULL THEN 'waiting'
    ELSE 'active'
  END AS state,
  created_at AS "createdAt"
FROM
  users
WHERE
  (
    email ~>=~ $1
    AND email ~<~ $2
    OR external_id = $3
  )
ORDER BY
  email,
  created_at
LIMIT
  $4;
