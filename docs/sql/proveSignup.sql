-- Checks the proof and makes the sign-up the account; the other sign-ups of the address are deleted with everything
-- they own. The try of a code is counted, also for a decoy, which nothing proves. True when this call did it, or an
-- earlier call with the same proof whose answer may have been lost.

-- 1 of the 2 statements of one batch
SELECT
  pg_advisory_xact_lock(hashtextextended (regexp_replace(email, '\+.*@', '@'), 0))
FROM
  users
WHERE
  id = $1::uuid;

-- 2 of the 2 statements of one batch
WITH
  "repeated" AS (
    SELECT
      u.id
    FROM
      verification_tokens t
      JOIN users u ON u.id = t.user_id
    WHERE
      t.purpose = 'verify_email'
      AND t.used_at IS NOT NULL
      AND u.disabled_at IS NULL
      AND u.id = $1::uuid
      AND t.code_expires_at > $2::timestamptz
      AND t.code_mac IN ($3::bytea)
  ),
  "candidate" AS (
    SELECT
      t.id AS token_id,
      u.email,
      t.code_mac IN ($4::bytea) AS fits
    FROM
      verification_tokens t
      JOIN users u ON u.id = t.user_id
    WHERE
      u.id = $5::uuid
      AND (
        t.purpose = 'verify_email'
        AND t.used_at IS NULL
        AND t.expires_at > $6::timestamptz
        AND u.email_verified_at IS NULL
        AND u.disabled_at IS NULL
        AND u.pending_expires_at > $7::timestamptz
      )
      AND t.code_expires_at > $8::timestamptz
      AND t.tries < $9
  ),
  "judged" AS (
    UPDATE verification_tokens t
    SET
      tries = tries + $10,
      used_at = CASE
        WHEN fits
        AND NOT EXISTS (
          SELECT
          FROM
            users o
          WHERE
            o.email = candidate.email
            AND o.email_verified_at IS NOT NULL
        )
        AND NOT EXISTS (
          SELECT
          FROM
            email_change_undos d
          WHERE
            d.email = candidate.email
            AND d.expires_at > $11::timestamptz
            AND d.user_id IS DISTINCT FROM t.user_id
        ) THEN $12::timestamptz
      END
    FROM
      candidate
    WHERE
      t.id = candidate.token_id
    RETURNING
      t.user_id AS id,
      candidate.email,
      t.used_at,
      t.tries
  ),
  "account" AS (
    UPDATE users
    SET
      email_verified_at = $13::timestamptz,
      pending_expires_at = NULL
    FROM
      judged
    WHERE
      users.id = judged.id
      AND judged.used_at IS NOT NULL
    RETURNING
      users.id,
      users.email
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
            JOIN account account ON rival.email = account.email
          WHERE
            rival.email_verified_at IS NULL
            AND rival.id <> account.id
          LIMIT
            $14
        )
      )
  ),
  "lifted" AS (
    DELETE FROM mail_suppressions
    WHERE
      address IN (
        SELECT
          email
        FROM
          account
      )
  ),
  "event" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $15::uuid,
      CASE
        WHEN account.id IS NULL THEN 'verify.failed'
        ELSE 'signup.verified'
      END,
      judged.id::uuid,
      NULL::uuid,
      CASE
        WHEN account.id IS NOT NULL THEN NULL
        ELSE CASE
          WHEN judged.id IS NULL THEN 'not_open'
          ELSE 'wrong_code'
        END
      END::text,
      $16::text,
      $17::text,
      $18::text,
      $19::timestamptz
    FROM
      (
        SELECT
      ) one
      LEFT JOIN judged ON true
      LEFT JOIN account ON true
    WHERE
      NOT EXISTS (
        SELECT
        FROM
          repeated
      )
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
      $20::uuid,
      'otp.exhausted',
      id::uuid,
      NULL::uuid,
      NULL::text,
      $21::text,
      $22::text,
      $23::text,
      $24::timestamptz
    FROM
      judged
    WHERE
      used_at IS NULL
      AND tries = $25::int
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
          "event"
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
          id
        FROM
          account
        UNION ALL
        SELECT
          id
        FROM
          repeated
      ) selected
  ) answer ON true;

-- 1 of the 2 statements of one batch
SELECT
  pg_advisory_xact_lock(hashtextextended (regexp_replace(email, '\+.*@', '@'), 0))
FROM
  users
WHERE
  id = $1::uuid;

-- 2 of the 2 statements of one batch
WITH
  "repeated" AS (
    SELECT
      u.id
    FROM
      verification_tokens t
      JOIN users u ON u.id = t.user_id
    WHERE
      t.purpose = 'verify_email'
      AND t.used_at IS NOT NULL
      AND u.disabled_at IS NULL
      AND t.id = $1::uuid
      AND t.expires_at > $2::timestamptz
      AND u.id = $3::uuid
  ),
  "candidate" AS (
    SELECT
      t.id AS token_id,
      u.email,
      true AS fits
    FROM
      (
        SELECT
          u.id,
          u.email
        FROM
          verification_tokens t
          JOIN users u ON u.id = t.user_id
        WHERE
          t.id = $4::uuid
          AND (
            t.purpose = 'verify_email'
            AND t.used_at IS NULL
            AND t.expires_at > $5::timestamptz
            AND u.email_verified_at IS NULL
            AND u.disabled_at IS NULL
            AND u.pending_expires_at > $6::timestamptz
          )
      ) link
      JOIN users u ON u.email = link.email
      JOIN verification_tokens t ON t.user_id = u.id
    WHERE
      (
        t.purpose = 'verify_email'
        AND t.used_at IS NULL
        AND t.expires_at > $7::timestamptz
        AND u.email_verified_at IS NULL
        AND u.disabled_at IS NULL
        AND u.pending_expires_at > $8::timestamptz
      )
      AND u.id = $9::uuid
    ORDER BY
      u.id = link.id DESC,
      u.created_at DESC,
      u.id DESC
    LIMIT
      1
  ),
  "judged" AS (
    UPDATE verification_tokens t
    SET
      tries = tries + $10,
      used_at = CASE
        WHEN fits
        AND NOT EXISTS (
          SELECT
          FROM
            users o
          WHERE
            o.email = candidate.email
            AND o.email_verified_at IS NOT NULL
        )
        AND NOT EXISTS (
          SELECT
          FROM
            email_change_undos d
          WHERE
            d.email = candidate.email
            AND d.expires_at > $11::timestamptz
            AND d.user_id IS DISTINCT FROM t.user_id
        ) THEN $12::timestamptz
      END
    FROM
      candidate
    WHERE
      t.id = candidate.token_id
    RETURNING
      t.user_id AS id,
      candidate.email,
      t.used_at,
      t.tries
  ),
  "account" AS (
    UPDATE users
    SET
      email_verified_at = $13::timestamptz,
      pending_expires_at = NULL
    FROM
      judged
    WHERE
      users.id = judged.id
      AND judged.used_at IS NOT NULL
    RETURNING
      users.id,
      users.email
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
            JOIN account account ON rival.email = account.email
          WHERE
            rival.email_verified_at IS NULL
            AND rival.id <> account.id
          LIMIT
            $14
        )
      )
  ),
  "lifted" AS (
    DELETE FROM mail_suppressions
    WHERE
      address IN (
        SELECT
          email
        FROM
          account
      )
  ),
  "event" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $15::uuid,
      CASE
        WHEN account.id IS NULL THEN 'verify.failed'
        ELSE 'signup.verified'
      END,
      judged.id::uuid,
      NULL::uuid,
      CASE
        WHEN account.id IS NOT NULL THEN NULL
        ELSE CASE
          WHEN judged.id IS NULL THEN 'not_open'
          ELSE 'wrong_code'
        END
      END::text,
      $16::text,
      $17::text,
      $18::text,
      $19::timestamptz
    FROM
      (
        SELECT
      ) one
      LEFT JOIN judged ON true
      LEFT JOIN account ON true
    WHERE
      NOT EXISTS (
        SELECT
        FROM
          repeated
      )
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
      $20::uuid,
      'otp.exhausted',
      id::uuid,
      NULL::uuid,
      NULL::text,
      $21::text,
      $22::text,
      $23::text,
      $24::timestamptz
    FROM
      judged
    WHERE
      used_at IS NULL
      AND tries = $25::int
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
          "event"
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
          id
        FROM
          account
        UNION ALL
        SELECT
          id
        FROM
          repeated
      ) selected
  ) answer ON true;

-- 1 of the 2 statements of one batch
SELECT
  pg_advisory_xact_lock(hashtextextended (regexp_replace($1::text, '\+.*@', '@'), 0));

-- 2 of the 2 statements of one batch
WITH
  "repeated" AS (
    SELECT
      u.id
    FROM
      verification_tokens t
      JOIN users u ON u.id = t.user_id
    WHERE
      t.purpose = 'verify_email'
      AND t.used_at IS NOT NULL
      AND u.disabled_at IS NULL
      AND t.id = $1::uuid
      AND t.expires_at > $2::timestamptz
      AND u.password_hash = ANY ($3::text[])
  ),
  "candidate" AS (
    SELECT
      t.id AS token_id,
      u.email,
      true AS fits
    FROM
      (
        SELECT
          u.id,
          u.email
        FROM
          verification_tokens t
          JOIN users u ON u.id = t.user_id
        WHERE
          t.id = $4::uuid
          AND (
            t.purpose = 'verify_email'
            AND t.used_at IS NULL
            AND t.expires_at > $5::timestamptz
            AND u.email_verified_at IS NULL
            AND u.disabled_at IS NULL
            AND u.pending_expires_at > $6::timestamptz
          )
      ) link
      JOIN users u ON u.email = link.email
      JOIN verification_tokens t ON t.user_id = u.id
    WHERE
      (
        t.purpose = 'verify_email'
        AND t.used_at IS NULL
        AND t.expires_at > $7::timestamptz
        AND u.email_verified_at IS NULL
        AND u.disabled_at IS NULL
        AND u.pending_expires_at > $8::timestamptz
      )
      AND u.password_hash = ANY ($9::text[])
    ORDER BY
      u.id = link.id DESC,
      u.created_at DESC,
      u.id DESC
    LIMIT
      1
  ),
  "judged" AS (
    UPDATE verification_tokens t
    SET
      tries = tries + $10,
      used_at = CASE
        WHEN fits
        AND NOT EXISTS (
          SELECT
          FROM
            users o
          WHERE
            o.email = candidate.email
            AND o.email_verified_at IS NOT NULL
        )
        AND NOT EXISTS (
          SELECT
          FROM
            email_change_undos d
          WHERE
            d.email = candidate.email
            AND d.expires_at > $11::timestamptz
            AND d.user_id IS DISTINCT FROM t.user_id
        ) THEN $12::timestamptz
      END
    FROM
      candidate
    WHERE
      t.id = candidate.token_id
    RETURNING
      t.user_id AS id,
      candidate.email,
      t.used_at,
      t.tries
  ),
  "account" AS (
    UPDATE users
    SET
      email_verified_at = $13::timestamptz,
      pending_expires_at = NULL
    FROM
      judged
    WHERE
      users.id = judged.id
      AND judged.used_at IS NOT NULL
    RETURNING
      users.id,
      users.email
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
            JOIN account account ON rival.email = account.email
          WHERE
            rival.email_verified_at IS NULL
            AND rival.id <> account.id
          LIMIT
            $14
        )
      )
  ),
  "lifted" AS (
    DELETE FROM mail_suppressions
    WHERE
      address IN (
        SELECT
          email
        FROM
          account
      )
  ),
  "event" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $15::uuid,
      CASE
        WHEN account.id IS NULL THEN 'verify.failed'
        ELSE 'signup.verified'
      END,
      judged.id::uuid,
      NULL::uuid,
      CASE
        WHEN account.id IS NOT NULL THEN NULL
        ELSE CASE
          WHEN judged.id IS NULL THEN 'wrong_password'
          ELSE 'wrong_code'
        END
      END::text,
      $16::text,
      $17::text,
      $18::text,
      $19::timestamptz
    FROM
      (
        SELECT
      ) one
      LEFT JOIN judged ON true
      LEFT JOIN account ON true
    WHERE
      NOT EXISTS (
        SELECT
        FROM
          repeated
      )
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
      $20::uuid,
      'otp.exhausted',
      id::uuid,
      NULL::uuid,
      NULL::text,
      $21::text,
      $22::text,
      $23::text,
      $24::timestamptz
    FROM
      judged
    WHERE
      used_at IS NULL
      AND tries = $25::int
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
          "event"
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
          id
        FROM
          account
        UNION ALL
        SELECT
          id
        FROM
          repeated
      ) selected
  ) answer ON true;
