/**
 * The dead letter: doorbells that the queue gave up on. A mail without an attempt left is marked as failed with
 * the reason of its last one, and reported. A mail that has attempts left (the database was down, the consumer was
 * killed) is not burned for that: its row is still due, and the sweep rings for it.
 */
import { buryMails } from '../store/outbox.ts';
import type { JobsDeps } from './deps.ts';

export async function bury(deps: JobsDeps, ids: string[] | 'all'): Promise<number> {
  const buried = await buryMails(deps.db, ids, deps.now());
  for (const { id: mailId, kind, attempts, failure } of buried) {
    deps.report({ event: 'mail.dead', mailId, kind, attempts, failure });
  }
  if (ids !== 'all') {
    const dead = new Set(buried.map(({ id }) => id));
    const mailIds = ids.filter((id) => !dead.has(id));
    if (mailIds.length > 0) deps.report({ event: 'queue.dead_letter', mailIds });
  }
  return buried.length;
}
