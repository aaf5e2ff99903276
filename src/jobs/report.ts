/**
 * What operators are told of the jobs: one JSON line an event, and errors go to Sentry too. Ids, kinds, counts and
 * the provider's names for its failures; never an address, a name, a code or a link.
 */
import type { JobsConfig } from '../config/read.ts';
import type { Fault } from '../lib/fault.ts';
import { writeLog } from '../ports/log.ts';
import { sentryReporter } from '../ports/reporter.ts';

export type JobsEvent =
  /** A mail that was given up. It waits for `npm run mail -- replay`. */
  | { event: 'mail.dead'; mailId: string; kind: string; attempts: number; failure: string }
  /** A mail that the provider will never take as it is. */
  | { event: 'mail.refused'; mailId: string; kind: string; attempts: number; failure: string }
  /** A queue message that names no mail; `bytes` is its length as JSON. */
  | { event: 'queue.poison'; messageId: string; bytes: number }
  /** A doorbell that reached the dead letter though its mail has attempts left: the sweep rings again. */
  | { event: 'queue.dead_letter'; mailIds: string[] }
  /** Work that failed as a whole, such as a database that does not answer; it is repeated. */
  | {
      event: 'jobs.fault';
      job: 'deliver' | 'dead_letter' | 'sweep';
      fault: Fault;
      /** The database did not answer: no news to an error tracker, which /health/ready and its alert are for. */
      isOutage: boolean;
    }
  | { event: 'mail.swept'; rung: number; buried: number }
  | { event: 'mail.batch'; sent: number; skipped: number; again: number; throttled: number; failed: number };

const QUIET = new Set<JobsEvent['event']>(['mail.swept', 'mail.batch']);

/** The one place where the jobs speak. `after` is the `waitUntil` of whatever is being handled. */
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

/** What is given up has no stack: it is told apart by its name and what it is about. */
function faultIn(event: JobsEvent): Fault {
  if (event.event === 'jobs.fault') return event.fault;
  return { error: event.event, ...('kind' in event && { cause: event.kind }), frames: [] };
}
