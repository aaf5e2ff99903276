-- Failed logins in the last hour, as a multiple of the hourly mean of the last seven days.
SELECT
  SUM(IF(timestamp > NOW() - INTERVAL '1' HOUR, _sample_interval, 0)) * 168 / SUM(_sample_interval) AS value
FROM gatehouse_requests
WHERE blob2 = '/api/v1/auth/login' AND double1 >= 400 AND timestamp > NOW() - INTERVAL '7' DAY
