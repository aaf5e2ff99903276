-- Writes down that a run begins, before it takes anything.

WITH
  "begun" AS (
    INSERT INTO
      import_runs (id, source, file, started_at)
    VALUES
      ($1::uuid, $2, $3, $4::timestamptz)
    RETURNING
      id
  )
SELECT
  id
FROM
  begun;
