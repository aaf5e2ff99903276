-- Takes the proof, and gives what a new passkey needs: the handle of the person, which is made at the first time, and
-- the credential ids that exist, both in base64. Undefined when the proof does not hold.

-- 1 of the 2 statements of one batch
SELECT
FROM
  users
WHERE
  id = $1::uuid
FOR NO KEY UPDATE;

-- 2 of the 2 statements of one batch
WITH
  "prover" AS (
    SELECT
      id,
      email
    FROM
      users
    WHERE
      users.id = $1::uuid
      AND users.email = $2
      AND users.password_changed_at = $3::timestamptz
      AND EXISTS (
        SELECT
        FROM
          users person
        WHERE
          person.id = $4::uuid
          AND person.disabled_at IS NULL
          AND person.id = (
            SELECT
              s.user_id
            FROM
              user_sessions s
            WHERE
              s.id = $5::uuid
              AND s.revoked_at IS NULL
              AND s.expires_at > $6::timestamptz
              AND s.idle_expires_at > $7::timestamptz
          )
      )
      AND users.mfa_epoch = $8::int
      AND true
      AND NOT EXISTS (
        SELECT
        FROM
          security_events
        WHERE
          id = $9::uuid
      )
  ),
  "spent" AS (
    INSERT INTO
      security_events (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT
      $10::uuid,
      'stepup.used',
      id::uuid,
      $11::uuid,
      NULL::text,
      $12::text,
      $13::text,
      $14::text,
      $15::timestamptz
    FROM
      prover
    RETURNING
      kind,
      user_id,
      session_id,
      reason
  ),
  "handled" AS (
    UPDATE users
    SET
      passkey_handle = COALESCE(users.passkey_handle, $16::bytea)
    FROM
      prover
    WHERE
      users.id = prover.id
    RETURNING
      users.id,
      users.passkey_handle
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
          "spent"
      ) written
  ) noted
  LEFT JOIN (
    SELECT
      true AS is_answer,
      selected.*
    FROM
      (
        SELECT
          encode(passkey_handle, 'base64') AS "userHandle",
          ARRAY(
            SELECT
              encode(credential_id, 'base64')
            FROM
              passkeys
            WHERE
              user_id = handled.id
            ORDER BY
              id
          ) AS "credentialIds"
        FROM
          handled
      ) selected
  ) answer ON true;
