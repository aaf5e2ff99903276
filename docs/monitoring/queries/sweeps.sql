-- Runs of the schedule in the last ten minutes that went well: ten are due.
SELECT SUM(_sample_interval) AS value
FROM gatehouse_jobs
WHERE blob1 = 'jobs.sweep' AND blob2 = 'ok' AND timestamp > NOW() - INTERVAL '10' MINUTE
