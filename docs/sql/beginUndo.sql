-- From now on the run cannot be resumed. False when there is no such run.

WITH
  "undone" AS (
    UPDATE import_runs
    SET
      undone_at = coalesce(undone_at, $1::timestamptz)
    WHERE
      id = $2::uuid
    RETURNING
      id
  ),
  "forgotten" AS (
    DELETE FROM import_rejects USING undone
    WHERE
      run_id = undone.id
  )
SELECT
  id
FROM
  undone;
