/** What the sweep does in the outbox: it finds due mail that is in no queue message, and deletes old mail. */
import { sql } from 'drizzle-orm';
import { later } from '../lib/time.ts';
import { type Db, instant } from './db.ts';
import { isOpen } from './outbox.ts';
import { column, run, statement } from './statement.ts';

/** Younger mail was queued by the request that caused it, or by its own retry. */
const GRACE_SECONDS = 30;
/**
 * After it has queued a mail, the sweep waits this long before it does so again. A queue that is only slow must not be
 * flooded.
 */
const REQUEUE_SECONDS = 300;

/**
 * Marks up to `limit` due mails as queued, oldest first, and gives their ids. Two sweeps never take the same mail.
 */
export async function takeUnqueued(db: Db, limit: number, now: Date): Promise<string[]> {
  const taken = statement({
    parts: {
      due: sql`
        SELECT id FROM email_outbox
        WHERE ${isOpen} AND coalesce(due_at, created_at) <= ${instant(later(now, -GRACE_SECONDS))}
          AND (queued_at IS NULL OR queued_at <= ${instant(later(now, -REQUEUE_SECONDS))})
        ORDER BY coalesce(due_at, created_at)
        LIMIT ${limit}
        FOR UPDATE SKIP LOCKED`,
    },
    select: sql`UPDATE email_outbox o SET queued_at = ${instant(now)} FROM due WHERE o.id = due.id RETURNING o.id`,
    row: { id: column.uuid },
  });
  return (await run(db, taken)).map(({ id }) => id);
}

/**
 * Up to `limit` mails that are due now, oldest first, for jobs that look by themselves instead of being told by a
 * queue. Two readers may get the same mail: the claim decides.
 */
export async function listDueMails(db: Db, limit: number, now: Date): Promise<string[]> {
  const due = statement({
    parts: {},
    select: sql`
      SELECT id FROM email_outbox WHERE ${isOpen} AND coalesce(due_at, created_at) <= ${instant(now)}
      ORDER BY coalesce(due_at, created_at) LIMIT ${limit}`,
    row: { id: column.uuid },
  });
  return (await run(db, due)).map(({ id }) => id);
}

/**
 * Deletes finished mail and suppressions that are older than their retention, at most `limit` mails at a time. It waits
 * for no mail: a deletion of its person has locked the person's other mails and would wait for it in turn (a deadlock).
 */
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
          SELECT id FROM email_outbox WHERE finished_at < ${instant(later(now, -retention.mailSeconds))} LIMIT ${limit}
          FOR UPDATE SKIP LOCKED)`,
    },
    select: sql`
      DELETE FROM mail_suppressions WHERE created_at < ${instant(later(now, -retention.suppressionSeconds))}`,
    row: {},
  });
  await run(db, forgotten);
}
