/** What readiness asks of the database: that it answers, and how long mail has been waiting in it. */
import { min } from 'drizzle-orm';
import type { Db } from './db.ts';
import { isOpen } from './outbox.ts';
import { emailOutbox } from './schema.ts';

/** When the oldest mail that is still to be sent was owed; null when none is. */
export async function oldestMailOwed(db: Db): Promise<Date | null> {
  const [answer] = await db
    .select({ oldest: min(emailOutbox.createdAt) })
    .from(emailOutbox)
    .where(isOpen);
  return answer?.oldest ?? null;
}
