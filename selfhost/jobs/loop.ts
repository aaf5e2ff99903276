/**
 * What wakes the jobs outside of Cloudflare: every second a look into the outbox, and every minute, in one process of
 * all, the schedule. A mail without an attempt left goes where the dead letter queue leads elsewhere.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { bury } from '../../src/jobs/dead-letter.ts';
import { deliver } from '../../src/jobs/deliver.ts';
import type { JobsDeps } from '../../src/jobs/deps.ts';
import { runSchedule } from '../../src/jobs/schedule.ts';
import { faultOf } from '../../src/lib/fault.ts';
import { isDatabaseUnavailable } from '../../src/store/db.ts';
import { listDueMails } from '../../src/store/outbox-upkeep.ts';
import type { Leader } from './leader.ts';

/** As many as a batch of the queue has. */
const BATCH = 10;
const LOOK_MS = 1_000;
const SCHEDULE_MS = 60_000;

/** Sends what is due, batch after batch. How many mails were looked at. */
export async function sendDue(deps: JobsDeps): Promise<number> {
  let seen = 0;
  for (;;) {
    const ids = await listDueMails(deps.db, BATCH, deps.now());
    if (ids.length === 0) return seen;
    const again = await deliver(deps, ids);
    // Given up at once, and tried again when it is due: the row says so.
    const spent = [...again].flatMap(([id, { afterSeconds }]) => (afterSeconds === 0 ? [id] : []));
    if (spent.length > 0) await bury(deps, spent);
    seen += ids.length;
    if (ids.length < BATCH) return seen;
  }
}

/** Runs until `signal`; the batch that has begun ends. `beat` is called after each look. */
export async function runJobs(
  deps: JobsDeps,
  leader: Leader,
  schedule: (work: () => Promise<Record<string, number>>) => Promise<void>,
  { signal, beat }: { signal: AbortSignal; beat(): void },
): Promise<void> {
  let scheduledAt = 0;
  while (!signal.aborted) {
    await sendDue(deps).catch((error: unknown) =>
      deps.report({
        event: 'jobs.fault',
        job: 'deliver',
        fault: faultOf(error),
        isOutage: isDatabaseUnavailable(error),
      }),
    );
    if (Date.now() - scheduledAt >= SCHEDULE_MS && (await leader.isLeading())) {
      scheduledAt = Date.now();
      // It has logged what failed; the next minute tries again.
      await schedule(() => runSchedule(deps)).catch(() => {});
    }
    beat();
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
  }
}
