-- The 99th percentile of the milliseconds a request waited for the database, over the last ten minutes.
SELECT quantileExactWeighted(0.99)(double4, _sample_interval) AS value
FROM gatehouse_requests
WHERE double3 > 0 AND timestamp > NOW() - INTERVAL '10' MINUTE
