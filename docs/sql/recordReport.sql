-- Records a report, and stops mail to the address if the report says so. A report that comes twice or late changes
-- nothing: a complaint replaces a bounce, a bounce replaces a delivery, and never the other way round. As the reason
-- why an address is not mailed, a bounce replaces a complaint, since it stops more. A report about a mail that is
-- unknown here changes nothing.

WITH
  "reported" AS (
    UPDATE email_outbox
    SET
      report = $1,
      reported_at = $2::timestamptz
    WHERE
      id = $3::uuid
      AND (
        report IS NULL
        OR array_position(ARRAY['delivered', 'bounced', 'complained'], report) < array_position(ARRAY['delivered', 'bounced', 'complained'], $4::text)
      )
  )
INSERT INTO
  mail_suppressions (address, reason, created_at)
SELECT
  $5::text,
  $6,
  $7::timestamptz
FROM
  email_outbox
WHERE
  id = $8::uuid
  AND $9::text IS NOT NULL
ON CONFLICT (address) DO UPDATE
SET
  reason = EXCLUDED.reason,
  created_at = EXCLUDED.created_at
WHERE
  EXCLUDED.reason = 'bounced'
  AND mail_suppressions.reason = 'complained';
