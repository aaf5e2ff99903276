-- Requests, faults and latency of each route over the last hour.
SELECT
  blob2 AS route,
  SUM(_sample_interval) AS requests,
  SUM(IF(double1 >= 500, _sample_interval, 0)) AS failed,
  quantileExactWeighted(0.5)(double2, _sample_interval) AS p50,
  quantileExactWeighted(0.99)(double2, _sample_interval) AS p99
FROM gatehouse_requests
WHERE timestamp > NOW() - INTERVAL '1' HOUR
GROUP BY route
ORDER BY requests DESC
