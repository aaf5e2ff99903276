-- What ended after `since`: the newest, `limit` at most. Of those that ended at one moment all are listed or none, so
-- that the end of everybody's sessions in one statement is a moment and no list. Ordered by digest: the order of the ends
-- is nobody's business.

WITH
  "recent" AS (
    SELECT
      digest,
      revoked_at
    FROM
      revoked_sessions
    WHERE
      revoked_at > $1::timestamptz
    ORDER BY
      revoked_at DESC
    LIMIT
      $2
  ),
  "unlisted" AS (
    SELECT
      max(revoked_at) AS until
    FROM
      (
        SELECT
          revoked_at
        FROM
          recent
        ORDER BY
          revoked_at DESC
        OFFSET
          $3
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
