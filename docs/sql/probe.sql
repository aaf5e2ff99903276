-- When the oldest unsent mail was written, null when there is none; and whether there are passkeys of another domain
-- than this one, with which nobody can log in.

SELECT
  (
    SELECT
      min(created_at)
    FROM
      email_outbox
    WHERE
      status IN ('pending', 'sending')
  ) AS "oldestMailOwed",
  COALESCE(
    (
      SELECT
        min(rp_id)
      FROM
        passkeys
    ) <> $1
    OR (
      SELECT
        max(rp_id)
      FROM
        passkeys
    ) <> $2,
    false
  ) AS "hasLostPasskeys";
