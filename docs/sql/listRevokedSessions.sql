-- The digests of sessions that ended after `since`: the newest ones, at most `limit`. Sessions that ended at the same
-- moment are all listed or all left out. So when one statement ends everybody's sessions, the list names that moment
-- instead of the sessions. So does the mark of a bulk end (session-ends.ts). The order is that of the digests, and says
-- nothing about the order in which sessions ended.

WITH
  "recent" AS (
    SELECT
      digest,
      revoked_at
    FROM
      revoked_sessions
    WHERE
      revoked_at > $1::timestamptz
      AND digest <> ''
    ORDER BY
      revoked_at DESC
    LIMIT
      $2
  ),
  "mark" AS (
    SELECT
      revoked_at
    FROM
      revoked_sessions
    WHERE
      digest = ''
      AND revoked_at > $3::timestamptz
  ),
  "unlisted" AS (
    SELECT
      max(revoked_at) AS until
    FROM
      (
        (
          SELECT
            revoked_at
          FROM
            recent
          ORDER BY
            revoked_at DESC
          OFFSET
            $4
        )
        UNION ALL
        SELECT
          revoked_at
        FROM
          mark
      ) rest
  ),
  "listed" AS (
    SELECT
      digest
    FROM
      recent,
      unlisted
    WHERE
      until IS NULL
      OR revoked_at > until
  )
SELECT
  translate(
    encode(
      COALESCE(
        string_agg(
          digest,
          ''::bytea
          ORDER BY
            digest
        ),
        ''
      ),
      'base64'
    ),
    E'+/\n',
    '-_'
  ) AS digests,
  (
    SELECT
      until
    FROM
      unlisted
  ) AS "unlistedUntil"
FROM
  listed;
