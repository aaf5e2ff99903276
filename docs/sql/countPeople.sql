-- How many people `listPeople` gives after this id.

SELECT
  count(*) AS n
FROM
  users
WHERE
  id > $1::uuid
  AND email_verified_at IS NOT NULL
  AND deletion_due_at IS NULL;
