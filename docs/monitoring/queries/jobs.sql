-- What the jobs Worker did over the last day, by five minutes.
SELECT
  intDiv(toUInt32(timestamp), 300) * 300 AS at,
  SUM(double3 * _sample_interval) AS sent,
  SUM(double5 * _sample_interval) AS again,
  SUM(double8 * _sample_interval) AS given_up,
  SUM(IF(blob2 = 'fault', _sample_interval, 0)) AS faults
FROM gatehouse_jobs
WHERE timestamp > NOW() - INTERVAL '1' DAY
GROUP BY at
ORDER BY at
