/** People as an operator finds them, by what somebody says on the telephone. person-page.ts shows one of them. */
import { type SQL, sql } from 'drizzle-orm';
import * as z from 'zod';
import type { Db } from './db.ts';
import { column, run, statement } from './statement.ts';

/** What can be said of somebody in one word. `closed`: its owner has closed the account, and it will be erased. */
const personStates = ['waiting', 'active', 'disabled', 'closed'] as const;

export const foundPerson = {
  id: column.uuid,
  email: column.text,
  name: column.text,
  state: z.enum(personStates),
  createdAt: column.instant,
};

export type FoundPerson = z.output<z.ZodObject<typeof foundPerson>>;

/** An expression on a row of `users`. */
export const stateOf = sql`
  CASE WHEN disabled_by IS NOT NULL THEN 'disabled' WHEN deletion_due_at IS NOT NULL THEN 'closed'
    WHEN disabled_at IS NOT NULL THEN 'disabled' WHEN email_verified_at IS NULL THEN 'waiting' ELSE 'active' END`;

/** An id, or the beginning of an address in its canonical form, or else the id in another system. */
export type Search = { id: string } | { emailBegins: string; externalId: string };

/** At most `limit` people, in the order of their addresses. */
export async function findPeople(db: Db, search: Search, limit: number): Promise<FoundPerson[]> {
  const select = sql`
    SELECT id, email, name, ${stateOf} AS state, created_at AS "createdAt" FROM users
    WHERE ${matches(search)} ORDER BY email, created_at LIMIT ${limit}`;
  return run(db, statement({ select, row: foundPerson }));
}

function matches(search: Search): SQL {
  if ('id' in search) return sql`id = ${search.id}::uuid`;
  const { emailBegins, externalId } = search;
  // A range, since LIKE uses an index only for a pattern that is a constant. Nothing in an address sorts after U+007F.
  return sql`(email ~>=~ ${emailBegins} AND email ~<~ ${`${emailBegins}\x7f`} OR external_id = ${externalId})`;
}
