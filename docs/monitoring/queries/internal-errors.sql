-- Share of requests in the last five minutes that ended in a fault nobody foresaw.
SELECT SUM(IF(blob3 = 'internal_error', _sample_interval, 0)) / SUM(_sample_interval) AS value
FROM gatehouse_requests
WHERE timestamp > NOW() - INTERVAL '5' MINUTE
