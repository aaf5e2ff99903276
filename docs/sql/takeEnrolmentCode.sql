-- Counts the try and judges the code, in one statement behind the lock of the person. It counts only for the ticket that
-- it was mailed for, at the address that the person still has. Gives the address; undefined when it is refused.

-- 1 of the 2 statements of one batch
SELECT
FROM
  users
WHERE
  id = $1::uuid
FOR NO KEY UPDATE;

-- 2 of the 2 statements of one batch
WITH
  "person" AS (
    SELECT
      id,
      email
    FROM
      users
    WHERE
      users.id = $1::uuid
      AND users.password_changed_at = $2::timestamptz
      AND users.mfa_epoch = $3::int
      AND email_verified_at IS NOT NULL
      AND disabled_at IS NULL
  ),
  "judged" AS (
    UPDATE verification_tokens t
    SET
      tries = tries + 1,
      used_at = CASE
        WHEN code_mac IN ($4::bytea) THEN $5::timestamptz
      END
    FROM
      person
    WHERE
      t.id = $6::uuid
      AND t.user_id = person.id
      AND t.purpose = 'enrol'
      AND t.email = person.email
      AND t.used_at IS NULL
      AND t.code_expires_at > $7::timestamptz
      AND t.tries < $8
    RETURNING
      t.used_at,
      t.tries
  ),
  "failed" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $9::uuid,
      'mfa.enrolment_failed',
      person.id::uuid,
      NULL::uuid,
      'not_open_or_wrong_code'::text,
      $10::text,
      $11::text,
      $12::text,
      $13::timestamptz
    FROM
      person
      LEFT JOIN judged ON true
    WHERE
      judged.used_at IS NULL
    RETURNING
      kind,
      user_id,
      session_id,
      reason
  ),
  "exhausted" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $14::uuid,
      'otp.exhausted',
      person.id::uuid,
      NULL::uuid,
      NULL::text,
      $15::text,
      $16::text,
      $17::text,
      $18::timestamptz
    FROM
      person,
      judged
    WHERE
      judged.used_at IS NULL
      AND judged.tries = $19
    RETURNING
      kind,
      user_id,
      session_id,
      reason
  )
SELECT
  answer.*,
  noted.events
FROM
  (
    SELECT
      jsonb_agg(written) AS events
    FROM
      (
        SELECT
          kind,
          user_id,
          session_id,
          reason
        FROM
          "failed"
        UNION ALL
        SELECT
          kind,
          user_id,
          session_id,
          reason
        FROM
          "exhausted"
      ) written
  ) noted
  LEFT JOIN (
    SELECT
      true AS is_answer,
      selected.*
    FROM
      (
        SELECT
          person.email
        FROM
          person,
          judged
        WHERE
          judged.used_at IS NOT NULL
      ) selected
  ) answer ON true;
