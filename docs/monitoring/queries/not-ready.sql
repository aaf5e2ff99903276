-- Probes of /health/ready in the last five minutes that did not find the service ready.
SELECT SUM(IF(double1 >= 500, _sample_interval, 0)) AS value
FROM gatehouse_requests
WHERE blob2 = '/health/ready' AND timestamp > NOW() - INTERVAL '5' MINUTE
