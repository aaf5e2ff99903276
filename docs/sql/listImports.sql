-- All runs, newest first.

SELECT
  id,
  source,
  file,
  rows_done AS "rowsDone",
  counts,
  started_at AS "startedAt",
  finished_at AS "finishedAt",
  undone_at AS "undoneAt"
FROM
  import_runs
ORDER BY
  started_at DESC,
  id DESC;
