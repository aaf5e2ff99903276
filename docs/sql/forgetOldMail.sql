-- Deletes finished mail and suppressions that are older than their retention, at most `limit` mails at a time. It waits
-- for no mail: a deletion of its person has locked the person's other mails and would wait for it in turn (a deadlock).

WITH
  "mail" AS (
    DELETE FROM email_outbox
    WHERE
      id IN (
        SELECT
          id
        FROM
          email_outbox
        WHERE
          finished_at < $1::timestamptz
        LIMIT
          $2
        FOR UPDATE
          SKIP LOCKED
      )
  )
DELETE FROM mail_suppressions
WHERE
  created_at < $3::timestamptz;
