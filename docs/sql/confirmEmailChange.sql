-- Checks the code, counts the try, and makes the new address that of the person, unless somebody else has it by now.
-- Everything else that waited for that address ends, and so do the other sessions and the links mailed to the old
-- address. Requests about one address run one after the other, and the unique index has the last word.

-- 1 of the 3 statements of one batch
SELECT
  pg_advisory_xact_lock(hashtextextended (regexp_replace(email, '\+.*@', '@'), 0))
FROM
  verification_tokens
WHERE
  user_id = $1::uuid
  AND purpose = 'change_email';

-- 2 of the 3 statements of one batch
SELECT
FROM
  users
WHERE
  id = $1::uuid
FOR NO KEY UPDATE;

-- 3 of the 3 statements of one batch
WITH
  "bearer" AS (
    SELECT
    WHERE
      EXISTS (
        SELECT
        FROM
          users person
        WHERE
          person.id = $1::uuid
          AND person.disabled_at IS NULL
          AND person.id = (
            SELECT
              s.user_id
            FROM
              user_sessions s
            WHERE
              s.id = $2::uuid
              AND s.revoked_at IS NULL
              AND s.expires_at > $3::timestamptz
              AND s.idle_expires_at > $4::timestamptz
          )
      )
  ),
  "judged" AS (
    UPDATE verification_tokens t
    SET
      tries = tries + 1,
      used_at = CASE
        WHEN code_mac IN ($5::bytea)
        AND NOT EXISTS (
          SELECT
          FROM
            users o
          WHERE
            o.email = t.email
            AND o.email_verified_at IS NOT NULL
        )
        AND NOT EXISTS (
          SELECT
          FROM
            email_change_undos d
          WHERE
            d.email = t.email
            AND d.expires_at > $6::timestamptz
            AND d.user_id IS DISTINCT FROM t.user_id
        ) THEN $7::timestamptz
      END
    FROM
      bearer
    WHERE
      t.user_id = $8::uuid
      AND t.purpose = 'change_email'
      AND t.used_at IS NULL
      AND t.code_expires_at > $9::timestamptz
      AND t.tries < $10
    RETURNING
      t.id,
      t.user_id,
      t.email,
      t.password_hash,
      t.used_at,
      t.tries
  ),
  "person" AS (
    UPDATE users
    SET
      email = judged.email,
      password_hash = judged.password_hash,
      email_verified_at = $11::timestamptz
    FROM
      judged,
      (
        SELECT
          id,
          email
        FROM
          users
        WHERE
          id = $12::uuid
      ) before
    WHERE
      users.id = judged.user_id
      AND before.id = users.id
      AND judged.used_at IS NOT NULL
    RETURNING
      users.id,
      users.email,
      before.email AS old_email
  ),
  "undo" AS (
    INSERT INTO
      email_change_undos (id, mail_id, user_id, email, expires_at, created_at)
    SELECT
      judged.id,
      $13::uuid,
      person.id,
      COALESCE(
        (
          SELECT
            o.email
          FROM
            email_change_undos o
          WHERE
            o.user_id = person.id
            AND o.expires_at > $14::timestamptz
            AND o.email <> person.email
          ORDER BY
            o.created_at
          LIMIT
            1
        ),
        person.old_email
      ),
      $15::timestamptz,
      $16::timestamptz
    FROM
      judged
      JOIN person ON person.id = judged.user_id
  ),
  "rivals" AS (
    DELETE FROM users
    WHERE
      id = ANY (
        ARRAY(
          SELECT
            rival.id
          FROM
            users rival
            JOIN person account ON rival.email = account.email
          WHERE
            rival.email_verified_at IS NULL
            AND rival.id <> account.id
          LIMIT
            $17
        )
      )
  ),
  "changes" AS (
    DELETE FROM verification_tokens t USING person
    WHERE
      t.purpose = 'change_email'
      AND t.email = person.email
      AND t.user_id <> person.id
  ),
  "links" AS (
    DELETE FROM password_reset_tokens USING person
    WHERE
      user_id = person.id
  ),
  "ended" AS (
    UPDATE user_sessions s
    SET
      revoked_at = $18::timestamptz,
      revoked_reason = 'email_changed'
    FROM
      person
    WHERE
      s.user_id = person.id
      AND s.id <> $19::uuid
      AND s.revoked_at IS NULL
  ),
  "lifted" AS (
    DELETE FROM mail_suppressions
    WHERE
      address IN (
        SELECT
          email
        FROM
          person
      )
  ),
  "happened" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $20::uuid,
      CASE
        WHEN person.id IS NULL THEN 'email.change_failed'
        ELSE 'email.changed'
      END,
      $21::uuid,
      $22::uuid,
      CASE
        WHEN person.id IS NULL THEN 'not_open_or_wrong_code'
        ELSE NULL
      END::text,
      $23::text,
      $24::text,
      $25::text,
      $26::timestamptz
    FROM
      bearer
      LEFT JOIN person ON true
    RETURNING
      kind,
      user_id,
      session_id,
      reason
  ),
  "to_old" AS (
    INSERT INTO
      email_outbox (id, kind, user_id, recipient, recipient_key, event_id, status, failure, finished_at, created_at)
    SELECT
      $27::uuid,
      'email_changed',
      id,
      old_email::text,
      NULL::bytea,
      $28::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $29::timestamptz
      END,
      $30::timestamptz
    FROM
      person
  ),
  "to_new" AS (
    INSERT INTO
      email_outbox (id, kind, user_id, recipient, recipient_key, event_id, status, failure, finished_at, created_at)
    SELECT
      $31::uuid,
      'email_changed',
      id,
      email::text,
      NULL::bytea,
      $32::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $33::timestamptz
      END,
      $34::timestamptz
    FROM
      person
  ),
  "exhausted" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $35::uuid,
      'otp.exhausted',
      user_id::uuid,
      $36::uuid,
      NULL::text,
      $37::text,
      $38::text,
      $39::text,
      $40::timestamptz
    FROM
      judged
    WHERE
      used_at IS NULL
      AND tries = $41
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
          "happened"
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
          EXISTS (
            SELECT
            FROM
              bearer
          ) AS "isLive",
          EXISTS (
            SELECT
            FROM
              person
          ) AS "isChanged"
      ) selected
  ) answer ON true;
