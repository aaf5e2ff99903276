-- Does the removals that are due and gives their number: all factors and recovery codes go, trusted devices are
-- forgotten, all sessions end, and the person is told. A removal after which a factor was used is dropped. The people
-- are locked first, so a login with a factor comes completely before it or completely after it.

-- 1 of the 2 statements of one batch
SELECT
FROM
  users
WHERE
  id IN (
    SELECT
      user_id
    FROM
      (
        SELECT
          id,
          user_id,
          created_at
        FROM
          factor_removals
        WHERE
          due_at <= $1::timestamptz
        ORDER BY
          due_at
        LIMIT
          $2
      ) due
  )
ORDER BY
  id
FOR NO KEY UPDATE;

-- 2 of the 2 statements of one batch
WITH
  "due" AS (
    SELECT
      id,
      user_id,
      created_at
    FROM
      factor_removals
    WHERE
      due_at <= $1::timestamptz
    ORDER BY
      due_at
    LIMIT
      $2
    FOR UPDATE
      SKIP LOCKED
  ),
  "over" AS (
    DELETE FROM factor_removals USING due
    WHERE
      factor_removals.id = due.id
  ),
  "lost" AS (
    SELECT
      user_id
    FROM
      due
    WHERE
      NOT (
        EXISTS (
          SELECT
          FROM
            user_sessions s
          WHERE
            s.user_id = due.user_id
            AND s.created_at >= due.created_at
            AND 'mfa' = ANY (s.amr)
        )
        OR EXISTS (
          SELECT
          FROM
            totp_factors f
          WHERE
            f.user_id = due.user_id
            AND f.last_step * 30 >= extract(
              epoch
              FROM
                due.created_at
            )
        )
        OR EXISTS (
          SELECT
          FROM
            passkeys k
          WHERE
            k.user_id = due.user_id
            AND k.last_used_at >= due.created_at
        )
      )
  ),
  "apps" AS (
    DELETE FROM totp_factors USING lost
    WHERE
      totp_factors.user_id = lost.user_id
  ),
  "keys" AS (
    DELETE FROM passkeys USING lost
    WHERE
      passkeys.user_id = lost.user_id
  ),
  "codes" AS (
    DELETE FROM recovery_codes USING lost
    WHERE
      recovery_codes.user_id = lost.user_id
  ),
  "person" AS (
    UPDATE users
    SET
      mfa_epoch = mfa_epoch + 1,
      mfa_required = false
    FROM
      lost
    WHERE
      users.id = lost.user_id
    RETURNING
      users.id
  ),
  "ended" AS (
    UPDATE user_sessions
    SET
      revoked_at = $3::timestamptz,
      revoked_reason = 'factor_removed'
    FROM
      person
    WHERE
      user_id = person.id
      AND revoked_at IS NULL
  ),
  "numbered" AS (
    SELECT
      id,
      ($4::uuid[]) [row_number() OVER ()] AS event_id
    FROM
      person
  ),
  "removal" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      event_id::uuid,
      'mfa.disabled',
      id::uuid,
      NULL::uuid,
      NULL::text,
      $5::text,
      $6::text,
      $7::text,
      $8::timestamptz
    FROM
      numbered
    RETURNING
      kind,
      user_id,
      session_id,
      reason
  ),
  "mail" AS (
    INSERT INTO
      email_outbox (id, kind, user_id, event_id, created_at)
    SELECT
      gen_random_uuid(),
      'mfa_disabled',
      id,
      event_id,
      $9::timestamptz
    FROM
      numbered
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
          "removal"
      ) written
  ) noted
  LEFT JOIN (
    SELECT
      true AS is_answer,
      selected.*
    FROM
      (
        SELECT
          count(*) AS count
        FROM
          person
      ) selected
  ) answer ON true;
