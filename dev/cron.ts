/** Starts the cron of the jobs Worker in the local stack, as Cloudflare does in production, but more often. */
import { setTimeout as sleep } from 'node:timers/promises';

const EVERY_MS = 15_000;

export function startCron(apiUrl: string): { close(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const rounds = (async () => {
    while (!signal.aborted) {
      await sleep(EVERY_MS, undefined, { signal });
      // A Worker that is just being rebuilt misses a round.
      await fetch(`${apiUrl}/cdn-cgi/local/scheduled?cron=*+*+*+*+*`, { signal })
        .then((response) => response.body?.cancel())
        .catch(() => {});
    }
  })().catch(() => {});
  return {
    async close() {
      stopping.abort();
      await rounds;
    },
  };
}
