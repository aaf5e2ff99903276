-- Records a report and its suppression in one statement. Repeated and overtaken reports change nothing: a complaint
-- outweighs a bounce, a bounce a delivery. Of suppressions a bounce outweighs a complaint, for it stops more. A mail that
-- is not ours, or is forgotten, suppresses nobody.

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
