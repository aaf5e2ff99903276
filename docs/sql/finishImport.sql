-- The files are written. The rejects are needed no more.

WITH
  "finished" AS (
    UPDATE import_runs
    SET
      finished_at = $1::timestamptz
    WHERE
      id = $2::uuid
      AND finished_at IS NULL
    RETURNING
      id
  ),
  "forgotten" AS (
    DELETE FROM import_rejects USING finished
    WHERE
      run_id = finished.id
  )
SELECT
  id
FROM
  finished;
