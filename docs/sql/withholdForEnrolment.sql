-- Instead of `openSession`: one trip as well. Undefined if the proof does not hold. `waitSeconds` is null when the code is
-- owed; else so many codes were mailed in a day that there is no other before. A change of the password begins that day
-- anew, or a thief could use the codes up and keep the owner out.

-- 1 of the 2 statements of one batch
SELECT
FROM
  users
WHERE
  id = $1::uuid
FOR NO KEY UPDATE;

-- 2 of the 2 statements of one batch
WITH
  "proven" AS (
    SELECT
      id,
      email
    FROM
      users
    WHERE
      id = $1::uuid
      AND email = $2
      AND password_changed_at = $3::timestamptz
      AND email_verified_at IS NOT NULL
      AND disabled_at IS NULL
  ),
  "judged" AS (
    SELECT
      proven.id,
      proven.email
    FROM
      proven
      JOIN users ON users.id = proven.id
    WHERE
      users.mfa_epoch = $4::int
      AND users.disabled_at IS NULL
  ),
  "rehashed" AS (
    UPDATE users
    SET
      password_hash = $5::text
    FROM
      judged
    WHERE
      users.id = judged.id
      AND $6::text IS NOT NULL
  ),
  "uncounted" AS (
    UPDATE failed_login_attempts a
    SET
      in_a_row = GREATEST(a.in_a_row - 1, 0),
      failures = GREATEST(failures - 1, 0),
      -- If this was the try that disabled the password: it is enabled again, and the row expires again.
      expires_at = LEAST(expires_at, window_ends_at + $7::int * interval '1 day'),
      locked_until = CASE
        WHEN failures > budget THEN locked_until
      END
    FROM
      (
        VALUES
          ($8::bytea, $9::int),
          ($10::bytea, $11::int)
      ) AS rule (key, budget)
      JOIN (
        SELECT
          key
        FROM
          failed_login_attempts
        WHERE
          key IN ($12::bytea, $13::bytea, $14::bytea)
        ORDER BY
          key
        FOR UPDATE
      ) AS held ON held.key = rule.key
    WHERE
      a.key = rule.key
      AND EXISTS (
        SELECT
        FROM
          judged
      )
  ),
  "lane" AS (
    SELECT
      count(o.id) < $15::int AS fits,
      min(o.created_at) AS oldest
    FROM
      judged
      JOIN users ON users.id = judged.id
      LEFT JOIN email_outbox o ON o.user_id = users.id
      AND o.kind = 'enrol_factor'
      AND o.status <> 'skipped'
      AND o.created_at > GREATEST($16::timestamptz, users.password_changed_at)
  ),
  "token" AS (
    INSERT INTO
      verification_tokens (
        id,
        user_id,
        purpose,
        email,
        recipient_key,
        mail_id,
        key_id,
        code_mac,
        code_expires_at,
        expires_at,
        created_at
      )
    SELECT
      $17::uuid,
      judged.id,
      'enrol',
      judged.email,
      $18::bytea,
      $19::uuid,
      $20,
      $21::bytea,
      $22::timestamptz,
      $23::timestamptz,
      $24::timestamptz
    FROM
      judged,
      lane
    WHERE
      fits
    ON CONFLICT (user_id, purpose) DO UPDATE
    SET
      id = EXCLUDED.id,
      email = EXCLUDED.email,
      recipient_key = EXCLUDED.recipient_key,
      mail_id = EXCLUDED.mail_id,
      key_id = EXCLUDED.key_id,
      code_mac = EXCLUDED.code_mac,
      code_expires_at = EXCLUDED.code_expires_at,
      expires_at = EXCLUDED.expires_at,
      created_at = EXCLUDED.created_at,
      tries = 0,
      used_at = NULL
  ),
  "request" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $25::uuid,
      'mfa.enrolment_requested',
      judged.id::uuid,
      NULL::uuid,
      CASE
        WHEN fits THEN NULL
        ELSE 'mail_budget'
      END::text,
      $26::text,
      $27::text,
      $28::text,
      $29::timestamptz
    FROM
      judged,
      lane
    RETURNING
      kind,
      user_id,
      session_id,
      reason
  ),
  "mail" AS (
    INSERT INTO
      email_outbox (id, kind, user_id, recipient, recipient_key, event_id, status, failure, finished_at, created_at)
    SELECT
      $30::uuid,
      'enrol_factor',
      judged.id,
      judged.email::text,
      NULL::bytea,
      $31::uuid,
      CASE
        WHEN (
          CASE
            WHEN fits THEN NULL
            ELSE 'budget'
          END
        )::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (
        CASE
          WHEN fits THEN NULL
          ELSE 'budget'
        END
      )::text,
      CASE
        WHEN (
          CASE
            WHEN fits THEN NULL
            ELSE 'budget'
          END
        )::text IS NOT NULL THEN $32::timestamptz
      END,
      $33::timestamptz
    FROM
      judged,
      lane
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
          "request"
      ) written
  ) noted
  LEFT JOIN (
    SELECT
      true AS is_answer,
      selected.*
    FROM
      (
        SELECT
          CASE
            WHEN NOT fits THEN GREATEST(
              1,
              ceil(
                extract(
                  epoch
                  FROM
                    oldest - $34::timestamptz
                )
              )
            )::int
          END AS "waitSeconds"
        FROM
          judged,
          lane
      ) selected
  ) answer ON true;
