/**
 * The sweep, every minute. It queues due mail that is in no message, gives up mail without an attempt left, and
 * deletes old mail. Whatever else fails (the queue, the Worker that should have queued a mail, a consumer between
 * sending and recording), the sweep finds a committed mail.
 */
import { forgetOldMail, takeUnqueued } from '../store/outbox-upkeep.ts';
import { bury } from './dead-letter.ts';
import type { JobsDeps } from './deps.ts';

/** Cloudflare Queues takes 100 messages a call. */
const QUEUE_BATCH = 100;
const SWEEP_LIMIT = 1_000;

export async function sweep(deps: JobsDeps): Promise<void> {
  const { db, config } = deps;
  const buried = await bury(deps, 'all');
  const ids = await takeUnqueued(db, SWEEP_LIMIT, deps.now());
  for (let start = 0; start < ids.length; start += QUEUE_BATCH) {
    await deps.mailQueue.sendBatch(ids.slice(start, start + QUEUE_BATCH).map((id) => ({ body: { id } })));
  }
  const retention = {
    mailSeconds: config.mailRetentionSeconds,
    suppressionSeconds: config.mailSuppressionSeconds,
  };
  await forgetOldMail(db, retention, SWEEP_LIMIT, deps.now());
  if (ids.length > 0 || buried > 0) deps.report({ event: 'mail.swept', queued: ids.length, buried });
}
