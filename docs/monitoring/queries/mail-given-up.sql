-- Mails that were given up in the last ten minutes.
SELECT SUM(double8 * _sample_interval) AS value
FROM gatehouse_jobs
WHERE timestamp > NOW() - INTERVAL '10' MINUTE
