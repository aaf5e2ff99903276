-- Takes a portion of rows. Undefined when the run is no longer where it was: another process took them, or the run is
-- undone. The parts, in their order:
--
-- - `gate`: the run, locked, if it is still at `from`.
-- - `person`, `judged`: the rows, and whether each is new.
-- - `replaced`: an imported sign-up without proof loses its address to a row with proof.
-- - `added`, `token`, `factor`: the people and what they own. A sign-up waits for a code, which no mail has brought yet.
-- - `ended`, `rejected`, `progress`: what became of each row, the rows that were not taken, and the counts.

-- 1 of the 2 statements of one batch
SELECT
  count(pg_advisory_xact_lock(key))
FROM
  (
    SELECT DISTINCT
      hashtextextended (regexp_replace(email, '\+.*@', '@'), 0) AS key
    FROM
      jsonb_array_elements_text($1::jsonb) AS email
    ORDER BY
      key
  ) keys;

-- 2 of the 2 statements of one batch
WITH
  "gate" AS (
    SELECT
      id
    FROM
      import_runs
    WHERE
      id = $1::uuid
      AND rows_done = $2
      AND finished_at IS NULL
      AND undone_at IS NULL
    FOR UPDATE
  ),
  "person" AS (
    SELECT
      one.*
    FROM
      gate,
      jsonb_to_recordset($3::jsonb) AS one (
        row int,
        id uuid,
        "externalId" text,
        email text,
        "recipientKey" text,
        "isProven" boolean,
        "isDisabled" boolean,
        name text,
        locale text,
        "createdAt" timestamptz,
        "passwordHash" text,
        totp jsonb
      )
  ),
  "judged" AS (
    SELECT
      person.*,
      CASE
        WHEN EXISTS (
          SELECT
          FROM
            users u
          WHERE
            u.external_id = person."externalId"
            AND u.external_source = $4
        ) THEN 'already_imported'
        WHEN EXISTS (
          SELECT
          FROM
            users u
          WHERE
            u.id = person.id
        ) THEN 'id_taken'
        WHEN EXISTS (
          SELECT
          FROM
            users u
          WHERE
            u.email = person.email
            AND u.email_verified_at IS NOT NULL
        )
        OR NOT "isProven"
        AND EXISTS (
          SELECT
          FROM
            users u
          WHERE
            u.email = person.email
            AND u.email_verified_at IS NULL
            AND u.external_source IS NOT NULL
        )
        OR EXISTS (
          SELECT
          FROM
            email_change_undos d
          WHERE
            d.email = person.email
            AND d.expires_at > $5::timestamptz
            AND d.user_id IS DISTINCT FROM NULL
        ) THEN 'address_taken'
        ELSE 'new'
      END AS verdict
    FROM
      person
  ),
  "replaced" AS (
    DELETE FROM users USING judged
    WHERE
      verdict = 'new'
      AND "isProven"
      AND users.email = judged.email
      AND users.email_verified_at IS NULL
      AND users.external_source IS NOT NULL
  ),
  "added" AS (
    INSERT INTO
      users (
        id,
        email,
        name,
        password_hash,
        password_changed_at,
        external_source,
        external_id,
        import_run_id,
        email_verified_at,
        pending_expires_at,
        disabled_at,
        disabled_by,
        locale,
        created_at
      )
    SELECT
      id,
      email,
      name,
      "passwordHash",
      $6::timestamptz,
      $7,
      "externalId",
      $8::uuid,
      CASE
        WHEN "isProven" THEN $9::timestamptz
      END,
      CASE
        WHEN NOT "isProven" THEN $10::timestamptz
      END,
      CASE
        WHEN "isDisabled" THEN $11::timestamptz
      END,
      CASE
        WHEN "isDisabled" THEN 'import'
      END,
      locale,
      "createdAt"
    FROM
      judged
    WHERE
      verdict = 'new'
    ON CONFLICT DO NOTHING
    RETURNING
      id
  ),
  "token" AS (
    INSERT INTO
      verification_tokens (
        id,
        user_id,
        purpose,
        recipient_key,
        mail_id,
        key_id,
        code_mac,
        code_expires_at,
        expires_at,
        created_at
      )
    SELECT
      gen_random_uuid(),
      added.id,
      'verify_email',
      decode("recipientKey", 'hex'),
      gen_random_uuid(),
      'none',
      '',
      '-infinity',
      $12::timestamptz,
      $13::timestamptz
    FROM
      added
      JOIN judged ON judged.id = added.id
    WHERE
      NOT "isProven"
  ),
  "factor" AS (
    INSERT INTO
      totp_factors (user_id, sealed, key_id, created_at)
    SELECT
      added.id,
      decode(totp ->> 'sealed', 'hex'),
      totp ->> 'keyId',
      $14::timestamptz
    FROM
      added
      JOIN judged ON judged.id = added.id
    WHERE
      jsonb_typeof(totp) = 'object'
  ),
  "ended" AS (
    SELECT
      judged.row,
      "externalId",
      CASE
        WHEN verdict <> 'new' THEN verdict
        WHEN added.id IS NULL THEN 'address_taken'
        WHEN NOT "isProven" THEN 'pending'
        WHEN "passwordHash" IS NULL THEN 'without_password'
        ELSE 'imported'
      END AS ending
    FROM
      judged
      LEFT JOIN added ON added.id = judged.id
  ),
  "refused" AS (
    SELECT
      one.*
    FROM
      gate,
      jsonb_to_recordset($15::jsonb) AS one (row int, "externalId" text, reason text)
    UNION ALL
    SELECT
      row,
      "externalId",
      ending
    FROM
      ended
    WHERE
      ending IN ('address_taken', 'id_taken')
  ),
  "rejected" AS (
    INSERT INTO
      import_rejects (run_id, row, external_id, reason)
    SELECT
      gate.id,
      row,
      "externalId",
      reason
    FROM
      gate,
      refused
  ),
  "progress" AS (
    UPDATE import_runs r
    SET
      rows_done = $16,
      counts = (
        SELECT
          coalesce(jsonb_object_agg(name, n), '{}')
        FROM
          (
            SELECT
              name,
              sum(n)::bigint AS n
            FROM
              (
                SELECT
                  key AS name,
                  value::bigint AS n
                FROM
                  jsonb_each_text(r.counts)
                UNION ALL
                SELECT
                  ending,
                  1
                FROM
                  ended
                WHERE
                  ending NOT IN ('address_taken', 'id_taken')
                UNION ALL
                SELECT
                  'rejected: ' || reason,
                  1
                FROM
                  refused
              ) ends
            GROUP BY
              name
          ) summed
      )
    FROM
      gate
    WHERE
      r.id = gate.id
    RETURNING
      r.counts
  )
SELECT
  counts
FROM
  progress;
