/** Which failures are tried again, and when. */
import type { GatehouseError } from './problem.ts';

const SECOND = 1_000;
const LONGEST_PAUSE_MS = 60 * SECOND;
const PASSING: string[] = [
  'no_answer',
  'rate_limited',
  'internal_error',
  'service_unavailable',
  'overloaded',
  'request_timeout',
];

/** How long to wait after so many failures in a row; undefined for one that does not pass by itself. */
export function pauseAfter({ code, retryAfter = 0 }: GatehouseError, failures: number): number | undefined {
  if (!PASSING.includes(code)) return undefined;
  const pause = Math.min(SECOND * 2 ** failures, LONGEST_PAUSE_MS) * (1 + Math.random());
  return Math.max(pause, retryAfter * SECOND);
}

/** For requests that may be sent again at once when the answer got lost. */
export function twice<T>(ask: () => Promise<T>): Promise<T> {
  return ask().catch((error: GatehouseError) => {
    if (error.code !== 'no_answer' || error.status > 0) throw error;
    return ask();
  });
}
