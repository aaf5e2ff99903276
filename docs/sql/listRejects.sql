-- The rows that the run did not take, in the order of the file, after `after`.

SELECT
  row,
  external_id AS "externalId",
  reason
FROM
  import_rejects
WHERE
  run_id = $1::uuid
  AND row > $2
ORDER BY
  row
LIMIT
  $3;
