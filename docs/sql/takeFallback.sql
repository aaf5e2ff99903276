-- Counts all demands, or none when one is used up; the standing of each, in order. The first statement makes and
-- locks the rows, in one order for everyone; the second then sees what everyone before it has counted.

-- 1 of the 2 statements of one batch
WITH
  swept AS (
    DELETE FROM rate_limit_fallback
    WHERE
      key IN (
        SELECT
          key
        FROM
          rate_limit_fallback
        WHERE
          expires_at <= $1::timestamptz
        LIMIT
          $2
        FOR UPDATE
          SKIP LOCKED
      )
  )
INSERT INTO
  rate_limit_fallback AS held (key, count, expires_at)
SELECT
  key,
  0,
  to_timestamp(expires / 1000.0)
FROM
  unnest($3::text[], $4::bigint[]) AS demand (key, expires)
ORDER BY
  key
ON CONFLICT (key) DO UPDATE
SET
  count = held.count;

-- 2 of the 2 statements of one batch
WITH
  "used" AS (
    SELECT
      key,
      held.count,
      demand.budget
    FROM
      unnest($1::text[], $2::int[]) AS demand (key, budget)
      JOIN rate_limit_fallback AS held USING (key)
  ),
  "counted" AS (
    UPDATE rate_limit_fallback
    SET
      count = count + 1
    WHERE
      key = ANY ($3::text[])
      AND (
        SELECT
          bool_and(count < budget)
        FROM
          used
      )
  )
SELECT
  key,
  count
FROM
  used;
