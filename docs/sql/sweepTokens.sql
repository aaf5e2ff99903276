-- Deletes expired codes and links, and gives their number.

WITH
  "expired_0" AS (
    DELETE FROM verification_tokens
    WHERE
      id = ANY (
        ARRAY(
          SELECT
            id
          FROM
            verification_tokens
          WHERE
            expires_at < $1::timestamptz
          ORDER BY
            expires_at
          LIMIT
            $2
          FOR UPDATE
            SKIP LOCKED
        )
      )
    RETURNING
      1
  ),
  "expired_1" AS (
    DELETE FROM password_reset_tokens
    WHERE
      id = ANY (
        ARRAY(
          SELECT
            id
          FROM
            password_reset_tokens
          WHERE
            expires_at < $3::timestamptz
          ORDER BY
            expires_at
          LIMIT
            $4
          FOR UPDATE
            SKIP LOCKED
        )
      )
    RETURNING
      1
  ),
  "expired_2" AS (
    DELETE FROM email_change_undos
    WHERE
      id = ANY (
        ARRAY(
          SELECT
            id
          FROM
            email_change_undos
          WHERE
            expires_at < $5::timestamptz
          ORDER BY
            expires_at
          LIMIT
            $6
          FOR UPDATE
            SKIP LOCKED
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
  ) + (
    SELECT
      count(*)
    FROM
      "expired_1"
  ) + (
    SELECT
      count(*)
    FROM
      "expired_2"
  ) AS count;
