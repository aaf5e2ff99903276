-- What would become of the rows: for a dry run, which changes nothing. Rows of one file are not compared with each other.

WITH
  "person" AS (
    SELECT
      one.*
    FROM
      jsonb_to_recordset($1::jsonb) AS one (
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
  )
SELECT
  row,
  CASE
    WHEN EXISTS (
      SELECT
      FROM
        users u
      WHERE
        u.external_id = person."externalId"
        AND u.external_source = $2
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
        AND d.expires_at > $3::timestamptz
        AND d.user_id IS DISTINCT FROM NULL
    ) THEN 'address_taken'
    ELSE 'new'
  END AS verdict
FROM
  person;
