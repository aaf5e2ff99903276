/**
 * The sweep, every minute: what is due and was not rung for is rung for, what has no attempt left is given up, and
 * what is long finished is forgotten. Whatever else fails (the queue, the Worker that should have rung, the
 * consumer between send and mark), a committed mail is found here.
 */
import { forgetOldMail, takeUnqueued } from '../store/outbox-upkeep.ts';
import { bury } from './dead-letter.ts';
import type { JobsDeps } from './deps.ts';

/** Cloudflare Queues takes 100 messages a call. */
const RING_BATCH = 100;
const SWEEP_LIMIT = 1_000;

export async function sweep(deps: JobsDeps): Promise<void> {
  const { db, config } = deps;
  const buried = await bury(deps, 'all');
  const ids = await takeUnqueued(db, SWEEP_LIMIT, deps.now());
  for (let start = 0; start < ids.length; start += RING_BATCH) {
    await deps.mailQueue.sendBatch(ids.slice(start, start + RING_BATCH).map((id) => ({ body: { id } })));
  }
  const retention = {
    mailSeconds: config.mailRetentionSeconds,
    suppressionSeconds: config.mailSuppressionSeconds,
  };
  await forgetOldMail(db, retention, SWEEP_LIMIT, deps.now());
  if (ids.length > 0 || buried > 0) deps.report({ event: 'mail.swept', rung: ids.length, buried });
}
