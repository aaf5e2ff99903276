/** What the readiness check asks the database: whether it answers, and how long the oldest mail has been waiting. */
import { sql } from 'drizzle-orm';
import type { Db } from './db.ts';
import { isOpen } from './outbox.ts';
import { column, run, statement } from './statement.ts';

/** When the oldest unsent mail was written. Null when there is none. */
export async function oldestMailOwed(db: Db): Promise<Date | null> {
  const select = sql`SELECT min(created_at) AS oldest FROM email_outbox WHERE ${isOpen}`;
  const [answer] = await run(db, statement({ select, row: { oldest: column.instant.nullable() } }));
  return answer?.oldest ?? null;
}
