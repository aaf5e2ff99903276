-- How many people the run has left.

SELECT
  count(*) AS n
FROM
  users
WHERE
  import_run_id = $1::uuid;
