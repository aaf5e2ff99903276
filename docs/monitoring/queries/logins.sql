-- Outcomes of logins over the last day, by five minutes.
SELECT
  intDiv(toUInt32(timestamp), 300) * 300 AS at,
  blob3 AS outcome,
  SUM(_sample_interval) AS logins
FROM gatehouse_requests
WHERE blob2 = '/api/v1/auth/login' AND timestamp > NOW() - INTERVAL '1' DAY
GROUP BY at, outcome
ORDER BY at
