/**
 * What operators are told of the jobs: one JSON line an event, errors on stderr. Ids, kinds, counts and the
 * provider's names for its failures; never an address, a name, a code or a link.
 */
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
      error: string;
      sqlState: string | undefined;
    }
  | { event: 'mail.swept'; rung: number; buried: number }
  | { event: 'mail.batch'; sent: number; skipped: number; again: number; throttled: number; failed: number };

const QUIET = new Set<JobsEvent['event']>(['mail.swept', 'mail.batch']);

/** The one place where an error tracker joins in. */
export function report(event: JobsEvent): void {
  if (QUIET.has(event.event)) console.log(JSON.stringify({ level: 'info', ...event }));
  else console.error(JSON.stringify({ level: 'error', ...event }));
}
