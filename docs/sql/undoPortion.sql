-- Removes people of the run, after the id `after`, whom nobody has used since. They are locked before it is asked who was
-- used: a login that is under way is seen, or finds nobody. Gives how many were removed and the id to go on after; null at the end.

-- 1 of the 2 statements of one batch
SELECT
FROM
  users
WHERE
  import_run_id = $1::uuid
  AND id > $2::uuid
ORDER BY
  id
LIMIT
  $3
FOR UPDATE;

-- 2 of the 2 statements of one batch
WITH
  "candidate" AS (
    SELECT
      id
    FROM
      users
    WHERE
      import_run_id = $1::uuid
      AND id > $2::uuid
    ORDER BY
      id
    LIMIT
      $3
  ),
  "removed" AS (
    DELETE FROM users u
    WHERE
      id = ANY (
        ARRAY(
          SELECT
            id
          FROM
            candidate
        )
      )
      AND NOT (
        EXISTS (
          SELECT
          FROM
            user_sessions s
          WHERE
            s.user_id = u.id
        )
        OR EXISTS (
          SELECT
          FROM
            security_events e
          WHERE
            e.user_id = u.id
            AND e.kind NOT IN (
              'login.failed',
              'login.throttled',
              'password.disabled',
              'reset.requested',
              'verify.resent',
              'verify.failed',
              'otp.exhausted'
            )
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
      removed
  ) AS removed,
  (
    SELECT
      id
    FROM
      candidate
    ORDER BY
      id DESC
    LIMIT
      1
  ) AS last;
