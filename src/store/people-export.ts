/** All people with an account, for a team that moves out. Only the owner of the tables may read what is in it. */
import { sql } from 'drizzle-orm';
import type { Db } from './db.ts';
import { column, run, statement } from './statement.ts';

const PAGE = 1_000;

const exported = {
  id: column.uuid,
  email: column.text,
  name: column.text,
  locale: column.text,
  createdAt: column.instant,
  disabled: column.boolean,
  externalSource: column.text.nullable(),
  externalId: column.text.nullable(),
  passwordHash: column.text.nullable(),
  /** In hexadecimal. */
  totpSealed: column.text.nullable(),
  totpKeyId: column.text.nullable(),
};

/** A page of people in the order of their ids, after the id `after`. Sign-ups that wait and closed accounts are not among them. */
export async function listPeople(db: Db, after: string) {
  const select = sql`
    SELECT id, email, name, locale, users.created_at AS "createdAt", disabled_at IS NOT NULL AS disabled,
      external_source AS "externalSource", external_id AS "externalId", password_hash AS "passwordHash",
      encode(sealed, 'hex') AS "totpSealed", key_id AS "totpKeyId"
    FROM users LEFT JOIN totp_factors ON user_id = id
    WHERE id > ${after}::uuid AND email_verified_at IS NOT NULL AND deletion_due_at IS NULL ORDER BY id LIMIT ${PAGE}`;
  return run(db, statement({ select, row: exported }));
}

/** How many people `listPeople` gives after this id. */
export async function countPeople(db: Db, after: string): Promise<number> {
  const select = sql`
    SELECT count(*) AS n FROM users
    WHERE id > ${after}::uuid AND email_verified_at IS NOT NULL AND deletion_due_at IS NULL`;
  const [row] = await run(db, statement({ select, row: { n: column.integer } }));
  return row?.n ?? 0;
}
