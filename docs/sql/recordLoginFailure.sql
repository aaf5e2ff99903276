-- Records a failed login, in one trip as a successful one takes. Gives the mail that is owed now, and the sign-up that
-- waits for proof and has this password (the newest, if there are two). The search goes over all sign-ups of the
-- address, so strangers cannot hide it behind theirs. The parts, in their order:
--
-- - `signup`: the sign-up with this password.
-- - `person`: that sign-up, or the account.
-- - `failed`: the event of this login.
-- - `uncounted`: the password was right for a sign-up, so its try is not counted.
-- - `counted`, `suspected`: one more address that this client fails for; an event when there are too many.
-- - `owner`, `disabled`, `mail`: the last failure in a row has disabled the password. An event, and a mail to the
--   owner.

WITH
  "signup" AS (
    SELECT
      id
    FROM
      users
    WHERE
      email = $1
      AND email_verified_at IS NULL
      AND disabled_at IS NULL
      AND pending_expires_at > $2::timestamptz
      AND password_hash = ANY ($3::text[])
    ORDER BY
      created_at DESC,
      id DESC
    LIMIT
      1
  ),
  "person" AS (
    SELECT
      id,
      email,
      email_verified_at
    FROM
      users
    WHERE
      id = coalesce(
        (
          SELECT
            id
          FROM
            signup
        ),
        $4::uuid
      )
    FOR KEY SHARE
  ),
  "failed" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $5::uuid,
      'login.failed',
      person.id::uuid,
      NULL::uuid,
      CASE
        WHEN EXISTS (
          SELECT
          FROM
            signup
        ) THEN 'email_not_verified'
        ELSE $6
      END::text,
      $7::text,
      $8::text,
      $9::text,
      $10::timestamptz
    FROM
      (
        SELECT
      ) one
      LEFT JOIN person ON true
    RETURNING
      kind,
      user_id,
      session_id,
      reason
  ),
  "uncounted" AS (
    UPDATE failed_login_attempts a
    SET
      in_a_row = GREATEST(a.in_a_row - 1, 0),
      failures = GREATEST(failures - 1, 0),
      -- If this was the try that disabled the password: it is enabled again, and the row expires again.
      expires_at = LEAST(expires_at, window_ends_at + $11::int * interval '1 day'),
      locked_until = CASE
        WHEN failures > budget THEN locked_until
      END
    FROM
      (
        VALUES
          ($12::bytea, $13::int),
          ($14::bytea, $15::int)
      ) AS rule (key, budget)
      JOIN (
        SELECT
          key
        FROM
          failed_login_attempts
        WHERE
          key IN ($16::bytea, $17::bytea, $18::bytea)
        ORDER BY
          key
        FOR UPDATE
      ) AS held ON held.key = rule.key
    WHERE
      a.key = rule.key
      AND EXISTS (
        SELECT
        FROM
          signup
      )
  ),
  "counted" AS (
    INSERT INTO
      failed_login_attempts AS a (key, owner_key, failures, in_a_row, window_ends_at, expires_at)
    SELECT
      $19::bytea,
      $20::bytea,
      1,
      0,
      $21::timestamptz + $22::int * interval '1 s',
      $23::timestamptz + $24::int * interval '1 s'
    WHERE
      $25::boolean
      AND NOT EXISTS (
        SELECT
        FROM
          signup
      )
    ON CONFLICT (key) DO UPDATE
    SET
      failures = CASE
        WHEN a.window_ends_at > $26::timestamptz THEN a.failures
        ELSE 0
      END + 1,
      window_ends_at = CASE
        WHEN a.window_ends_at > $27::timestamptz THEN a.window_ends_at
        ELSE $28::timestamptz + $29::int * interval '1 s'
      END,
      expires_at = CASE
        WHEN a.window_ends_at > $30::timestamptz THEN a.expires_at
        ELSE $31::timestamptz + $32::int * interval '1 s'
      END
    RETURNING
      failures AS addresses
  ),
  "suspected" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $33::uuid,
      'spray.suspected',
      NULL::uuid,
      NULL::uuid,
      NULL::text,
      $34::text,
      $35::text,
      $36::text,
      $37::timestamptz
    FROM
      counted
    WHERE
      addresses = $38
    RETURNING
      kind,
      user_id,
      session_id,
      reason
  ),
  "owner" AS (
    SELECT
      id,
      email
    FROM
      person
    WHERE
      email_verified_at IS NOT NULL
      AND $39::boolean
  ),
  "disabled" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $40::uuid,
      'password.disabled',
      id::uuid,
      NULL::uuid,
      NULL::text,
      $41::text,
      $42::text,
      $43::text,
      $44::timestamptz
    FROM
      owner
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
      $45::uuid,
      'password_disabled',
      id,
      email::text,
      NULL::bytea,
      $46::uuid,
      CASE
        WHEN (NULL)::text IS NULL THEN 'pending'
        ELSE 'skipped'
      END,
      (NULL)::text,
      CASE
        WHEN (NULL)::text IS NOT NULL THEN $47::timestamptz
      END,
      $48::timestamptz
    FROM
      owner
    RETURNING
      id
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
          "suspected"
        UNION ALL
        SELECT
          kind,
          user_id,
          session_id,
          reason
        FROM
          "disabled"
      ) written
  ) noted
  LEFT JOIN (
    SELECT
      true AS is_answer,
      selected.*
    FROM
      (
        SELECT
          (
            SELECT
              id
            FROM
              mail
          ) AS "mailId",
          (
            SELECT
              id
            FROM
              signup
          ) AS "signupId"
      ) selected
  ) answer ON true;
