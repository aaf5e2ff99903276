-- The person of a passkey, with what its use is judged by. Nothing is asked about a password: there may be none.

SELECT
  users.id,
  users.email,
  users.name,
  users.created_at AS "createdAt",
  users.password_changed_at AS "passwordChangedAt",
  users.mfa_epoch AS "mfaEpoch",
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
  jsonb_build_object(
    'id',
    k.id,
    'publicKey',
    translate(encode(k.public_key, 'base64'), E'\n', ''),
    'counter',
    k.counter,
    'isBackupEligible',
    k.backup_eligible,
    'userHandle',
    translate(encode(users.passkey_handle, 'base64'), E'\n', '')
  ) AS passkey
FROM
  passkeys k
  JOIN users ON users.id = k.user_id
WHERE
  k.credential_id = $2::bytea
  AND users.email_verified_at IS NOT NULL
  AND users.disabled_at IS NULL;
