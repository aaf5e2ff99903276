/** What the sweep does to the outbox: finds mail that nobody rang for, and forgets what is long finished. */
import { sql } from 'drizzle-orm';
import { later } from '../lib/time.ts';
import { type Db, instant } from './db.ts';
import { isOpen } from './outbox.ts';
import { column, run, statement } from './statement.ts';

/** A mail this young has been rung for by the request that caused it, or by its own retry. */
const GRACE_SECONDS = 30;
/** How long the sweep trusts its own ring: a queue that is merely behind must not be flooded. */
const RING_SECONDS = 300;

/** Marks up to `limit` due mails as rung for, oldest first, and says which; two sweeps never pick the same. */
export async function takeUnrung(db: Db, limit: number, now: Date): Promise<string[]> {
  const taken = statement({
    parts: {
      due: sql`
        SELECT id FROM email_outbox
        WHERE ${isOpen} AND coalesce(due_at, created_at) <= ${instant(later(now, -GRACE_SECONDS))}
          AND (queued_at IS NULL OR queued_at <= ${instant(later(now, -RING_SECONDS))})
        ORDER BY coalesce(due_at, created_at)
        LIMIT ${limit}
        FOR UPDATE SKIP LOCKED`,
    },
    select: sql`UPDATE email_outbox o SET queued_at = ${instant(now)} FROM due WHERE o.id = due.id RETURNING o.id`,
    row: { id: column.uuid },
  });
  return (await run(db, taken)).map(({ id }) => id);
}

/** Deletes finished mail and suppressions past their retention; at most `limit` mails a time, to stay short. */
export async function forgetOldMail(
  db: Db,
  retention: { mailSeconds: number; suppressionSeconds: number },
  limit: number,
  now: Date,
): Promise<void> {
  const forgotten = statement({
    parts: {
      mail: sql`
        DELETE FROM email_outbox WHERE id IN (
          SELECT id FROM email_outbox WHERE finished_at < ${instant(later(now, -retention.mailSeconds))} LIMIT ${limit})`,
    },
    select: sql`
      DELETE FROM mail_suppressions WHERE created_at < ${instant(later(now, -retention.suppressionSeconds))}`,
    row: {},
  });
  await run(db, forgotten);
}
