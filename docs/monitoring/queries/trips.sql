-- Database trips a successful request over the last day: must equal the table in the README.
SELECT
  blob2 AS route,
  SUM(double3 * _sample_interval) / SUM(_sample_interval) AS trips
FROM gatehouse_requests
WHERE double1 = 200 AND timestamp > NOW() - INTERVAL '1' DAY
GROUP BY route
ORDER BY route
