/** What readiness asks of the database: that it answers, and how long mail has been waiting in it. */
import { sql } from 'drizzle-orm';
import type { Db } from './db.ts';

/** When the oldest mail that is still to be sent was owed; null when none is. */
export async function oldestMailOwed(db: Db): Promise<Date | null> {
  const { rows } = await db.execute<{ oldest: string | null }>(sql`
    SELECT min(created_at)::text AS oldest FROM email_outbox WHERE status IN ('pending', 'sending')`);
  const oldest = rows[0]?.oldest ?? null;
  return oldest === null ? null : new Date(oldest);
}
