-- Deletes the person or the sign-up, and owes an account its farewell. Unchanged while the old mailbox of a change of
-- address can undo it: whoever asks for the deletion may have stolen the account.

-- 1 of the 4 statements of one batch
SELECT
FROM
  users
WHERE
  id = $1::uuid
FOR NO KEY UPDATE;

-- 2 of the 4 statements of one batch
WITH
  sessions AS (
    SELECT
    FROM
      user_sessions
    WHERE
      user_id = $1::uuid
    FOR UPDATE
  ),
  codes AS (
    SELECT
    FROM
      verification_tokens
    WHERE
      user_id = $2::uuid
    FOR UPDATE
  ),
  links AS (
    SELECT
    FROM
      password_reset_tokens
    WHERE
      user_id = $3::uuid
    FOR UPDATE
  )
SELECT
  (
    SELECT
      count(*)
    FROM
      sessions
  ),
  (
    SELECT
      count(*)
    FROM
      codes
  ),
  (
    SELECT
      count(*)
    FROM
      links
  );

-- 3 of the 4 statements of one batch
INSERT INTO
  email_outbox (id, kind, user_id, created_at)
SELECT
  $1::uuid,
  'account_deleted',
  id,
  $2::timestamptz
FROM
  users
WHERE
  (
    users.id = $3::uuid
    AND NOT EXISTS (
      SELECT
      FROM
        email_change_undos d
      WHERE
        d.user_id = users.id
        AND d.expires_at > $4::timestamptz
    )
  )
  AND email_verified_at IS NOT NULL;

-- 4 of the 4 statements of one batch
WITH
  "person" AS (
    SELECT
      id
    FROM
      users
    WHERE
      id = $1::uuid
  ),
  "done" AS (
    DELETE FROM users
    WHERE
      (
        users.id = $2::uuid
        AND NOT EXISTS (
          SELECT
          FROM
            email_change_undos d
          WHERE
            d.user_id = users.id
            AND d.expires_at > $3::timestamptz
        )
      )
    RETURNING
      id
  ),
  "counters" AS (
    DELETE FROM failed_login_attempts
    WHERE
      key IN (
        SELECT
          key
        FROM
          failed_login_attempts
        WHERE
          user_id = $4::uuid
        ORDER BY
          key
        FOR UPDATE
      )
      AND EXISTS (
        SELECT
        FROM
          done
      )
  ),
  "event" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $5::uuid,
      'admin.deleted',
      NULL::uuid,
      NULL::uuid,
      NULL::text,
      $6::text,
      $7::text,
      $8::text,
      $9::timestamptz
    FROM
      done
    RETURNING
      kind,
      user_id,
      session_id,
      reason
  ),
  "act" AS (
    INSERT INTO
      admin_acts (event_id, operator, door, reason)
    SELECT
      $10::uuid,
      $11,
      $12,
      $13::text
    FROM
      done
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
            WHEN EXISTS (
              SELECT
              FROM
                done
            ) THEN 'done'
            WHEN EXISTS (
              SELECT
              FROM
                person
            ) THEN 'unchanged'
            ELSE 'unknown'
          END AS outcome
      ) selected
  ) answer ON true;
