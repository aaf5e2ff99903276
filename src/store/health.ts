/** What readiness asks of the database: that it answers, and how long mail has been waiting in it. */
import { sql } from 'drizzle-orm';
import type { Db } from './db.ts';
import { isOpen } from './outbox.ts';
import { column, run, statement } from './statement.ts';

/** When the oldest mail that is still to be sent was owed; null when none is. */
export async function oldestMailOwed(db: Db): Promise<Date | null> {
  const select = sql`SELECT min(created_at) AS oldest FROM email_outbox WHERE ${isOpen}`;
  const [answer] = await run(db, statement({ select, row: { oldest: column.instant.nullable() } }));
  return answer?.oldest ?? null;
}
