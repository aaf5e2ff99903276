-- Share of requests in the last ten minutes that were refused because too many hashes were waiting.
SELECT SUM(IF(blob3 = 'overloaded', _sample_interval, 0)) / SUM(_sample_interval) AS value
FROM gatehouse_requests
WHERE timestamp > NOW() - INTERVAL '10' MINUTE
