-- How many imported records are left, by format and pepper. Reads all people: for an operator who asks whether
-- IMPORT_FORMATS can go.

SELECT
  part[1] AS format,
  part[2] AS "keyId",
  count(*) AS people,
  count(*) FILTER (
    WHERE
      email_verified_at IS NULL
  ) AS waiting
FROM
  users,
  regexp_match(password_hash, '^\$imported\$(.+),l=\d+,keyid=([^$]+)\$') AS part
WHERE
  password_hash LIKE '$imported$%'
GROUP BY
  1,
  2
ORDER BY
  1,
  2;
