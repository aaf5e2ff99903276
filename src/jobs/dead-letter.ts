/**
 * The dead letter queue: messages that failed too often. A mail without an attempt left is marked as failed, with the
 * reason of its last attempt, and reported. A mail that has attempts left stays due (the database was down, or the
 * consumer was stopped), and the sweep queues it again.
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
