-- Counts all demands, or none of them when one is used up. Gives how each stands, in their order. The first statement
-- creates and locks the rows, in the same order for everyone. The second one then sees everything that was counted
-- before.

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
