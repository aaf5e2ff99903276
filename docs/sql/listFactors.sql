-- Undefined when the session has ended.

SELECT
  jsonb_build_object(
    'totp',
    EXISTS (
      SELECT
      FROM
        totp_factors f
      WHERE
        f.user_id = users.id
    ),
    'passkeys',
    (
      SELECT
        count(*)
      FROM
        passkeys f
      WHERE
        f.user_id = users.id
    ),
    'recoveryCodes',
    COALESCE(
      (
        SELECT
          $1::int - bit_count(f.used::bit(32))::int
        FROM
          recovery_codes f
        WHERE
          f.user_id = users.id
      ),
      0
    ),
    'isRequired',
    users.mfa_required
  ) AS factors,
  (
    SELECT
      created_at
    FROM
      totp_factors
    WHERE
      user_id = users.id
  ) AS "totpAddedAt",
  (
    SELECT
      created_at
    FROM
      recovery_codes
    WHERE
      user_id = users.id
  ) AS "codesMadeAt",
  (
    SELECT
      COALESCE(
        jsonb_agg(
          jsonb_build_object('id', id, 'name', name, 'isSynced', backed_up, 'createdAt', created_at, 'lastUsedAt', last_used_at)
          ORDER BY
            id
        ),
        '[]'
      )
    FROM
      passkeys
    WHERE
      user_id = users.id
  ) AS passkeys
FROM
  users
WHERE
  users.id = $2::uuid
  AND EXISTS (
    SELECT
    FROM
      users person
    WHERE
      person.id = $3::uuid
      AND person.disabled_at IS NULL
      AND person.id = (
        SELECT
          s.user_id
        FROM
          user_sessions s
        WHERE
          s.id = $4::uuid
          AND s.revoked_at IS NULL
          AND s.expires_at > $5::timestamptz
          AND s.idle_expires_at > $6::timestamptz
      )
  );
