-- People of the source, after the id `after` there: that id and the id here, which tokens call `sub`.

SELECT
  external_id AS "externalId",
  id AS sub
FROM
  users
WHERE
  external_id IS NOT NULL
  AND external_source = $1
  AND external_id > $2
ORDER BY
  external_id
LIMIT
  $3;
