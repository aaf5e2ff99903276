/**
 * What operators learn from the jobs: one JSON line for each event, and errors also go to Sentry. It has ids, kinds,
 * counts and the names of failures; never an address, a name, a code or a link.
 */
import type { JobsConfig } from '../config/read.ts';
import type { Fault } from '../lib/fault.ts';
import { writeLog } from '../ports/log.ts';
import { sentryReporter } from '../ports/reporter.ts';

export type JobsEvent =
  /** A mail that was given up. An operator can send it with `npm run mail -- replay`. */
  | { event: 'mail.dead'; mailId: string; kind: string; attempts: number; failure: string }
  /** A mail that the provider will never accept as it is. */
  | { event: 'mail.refused'; mailId: string; kind: string; attempts: number; failure: string }
  /** A queue message that names no mail; `bytes` is its length as JSON. */
  | { event: 'queue.poison'; messageId: string; bytes: number }
  /** A message reached the dead letter queue though its mail has attempts left. The sweep queues the mail again. */
  | { event: 'queue.dead_letter'; mailIds: string[] }
  /** A batch or sweep that failed as a whole, for example because the database did not answer. It is repeated. */
  | {
      event: 'jobs.fault';
      job: 'deliver' | 'dead_letter' | 'sweep';
      fault: Fault;
      /** The database did not answer. The alert on /health/ready is for that, and not the error tracker. */
      isOutage: boolean;
    }
  | { event: 'mail.swept'; queued: number; buried: number }
  | { event: 'mail.batch'; sent: number; skipped: number; again: number; throttled: number; failed: number };

const QUIET = new Set<JobsEvent['event']>(['mail.swept', 'mail.batch']);

/** The only place where the jobs log and report. `after` is the `waitUntil` of the current work. */
export function reportTo(
  config: JobsConfig,
  after: (work: Promise<unknown>) => void,
): (event: JobsEvent) => void {
  const sentry = sentryReporter({ ...config, name: 'gatehouse-jobs' }, after);
  return (event) => {
    const isQuiet = QUIET.has(event.event);
    writeLog(config.logLevel, isQuiet ? 'info' : 'error', event);
    if (isQuiet || (event.event === 'jobs.fault' && event.isOutage)) return;
    sentry.report(faultIn(event), { queue: event.event });
  };
}

/** A mail that was given up has no stack. Its name and kind tell it from others. */
function faultIn(event: JobsEvent): Fault {
  if (event.event === 'jobs.fault') return event.fault;
  return { error: event.event, ...('kind' in event && { cause: event.kind }), frames: [] };
}
