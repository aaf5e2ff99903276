-- Takes a try out of its counters again: the password was never checked, or it was right and the request then failed
-- on our side.

UPDATE failed_login_attempts a
SET
  in_a_row = GREATEST(a.in_a_row - 1, 0),
  failures = GREATEST(failures - 1, 0),
  -- If this was the try that disabled the password: it is enabled again, and the row expires again.
  expires_at = LEAST(expires_at, window_ends_at + $1::int * interval '1 day'),
  locked_until = CASE
    WHEN failures > budget THEN locked_until
  END
FROM
  (
    VALUES
      ($2::bytea, $3::int),
      ($4::bytea, $5::int)
  ) AS rule (key, budget)
  JOIN (
    SELECT
      key
    FROM
      failed_login_attempts
    WHERE
      key IN ($6::bytea, $7::bytea, $8::bytea)
    ORDER BY
      key
    FOR UPDATE
  ) AS held ON held.key = rule.key
WHERE
  a.key = rule.key;
