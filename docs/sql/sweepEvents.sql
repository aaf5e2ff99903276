-- Deletes events that are older than `days`, oldest first, and gives their number. Nothing else deletes or changes an
-- event.

WITH
  "expired_0" AS (
    DELETE FROM security_events
    WHERE
      id = ANY (
        ARRAY(
          SELECT
            id
          FROM
            security_events
          WHERE
            occurred_at < $1::timestamptz
          ORDER BY
            occurred_at
          LIMIT
            $2
        )
      )
    RETURNING
      1
  )
SELECT
  (
    SELECT
      count(*)
    FROM
      "expired_0"
  ) AS count;
