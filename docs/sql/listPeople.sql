-- A page of people in the order of their ids, after the id `after`. Sign-ups that wait and closed accounts are not among them.

SELECT
  id,
  email,
  name,
  locale,
  users.created_at AS "createdAt",
  disabled_at IS NOT NULL AS disabled,
  external_source AS "externalSource",
  external_id AS "externalId",
  password_hash AS "passwordHash",
  encode(sealed, 'hex') AS "totpSealed",
  key_id AS "totpKeyId"
FROM
  users
  LEFT JOIN totp_factors ON user_id = id
WHERE
  id > $1::uuid
  AND email_verified_at IS NOT NULL
  AND deletion_due_at IS NULL
ORDER BY
  id
LIMIT
  $2;
