/**
 * How long a request waited for what never came, counted: the time limits that ran out, by what they were set to and not
 * by the wall, so that a slow machine changes nothing.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type StartTimeLimit, startTimeLimit } from '../../src/lib/time-limit.ts';

export function countedTimeLimits() {
  const requests = new AsyncLocalStorage<{ ms: number }>();
  const startLimit: StartTimeLimit = (ms) => {
    const waited = requests.getStore();
    // What was waited for before it began; limits that run beside each other do not add up.
    const before = waited?.ms ?? 0;
    const limit = startTimeLimit(ms);
    limit.signal.addEventListener('abort', () => {
      if (waited) waited.ms = Math.max(waited.ms, before + ms);
    });
    return limit;
  };
  return {
    startLimit,
    async waitOf<T>(work: () => T | Promise<T>): Promise<{ result: T; waitedMs: number }> {
      const waited = { ms: 0 };
      const result = await requests.run(waited, async () => work());
      return { result, waitedMs: waited.ms };
    },
  };
}
