/** What the readiness check asks the database. */
import { sql } from 'drizzle-orm';
import type { Db } from './db.ts';
import { isOpen } from './outbox.ts';
import { column, run, statement } from './statement.ts';

/**
 * When the oldest unsent mail was written, null when there is none; and whether there are passkeys of another domain
 * than this one, with which nobody can log in.
 */
export async function probe(
  db: Db,
  rpId: string,
): Promise<{ oldestMailOwed: Date | null; hasLostPasskeys: boolean }> {
  const select = sql`
    SELECT (SELECT min(created_at) FROM email_outbox WHERE ${isOpen}) AS "oldestMailOwed",
      COALESCE((SELECT min(rp_id) FROM passkeys) <> ${rpId} OR (SELECT max(rp_id) FROM passkeys) <> ${rpId}, false)
        AS "hasLostPasskeys"`;
  const row = { oldestMailOwed: column.instant.nullable(), hasLostPasskeys: column.boolean };
  const [answer] = await run(db, statement({ select, row }));
  return answer ?? { oldestMailOwed: null, hasLostPasskeys: false };
}
