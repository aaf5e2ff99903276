/**
 * Counters in Upstash Redis: one command a request, whatever it demands (docs/decisions/0010). A store that does not
 * answer in time, body included, is `down`, and the caller decides. After a failure the store is left alone for a
 * breath, so that an outage costs one request its timeout and not every request.
 */
import { Redis } from '@upstash/redis';
import { startTimeLimit } from '../lib/time-limit.ts';
import { type Demand, type Standing, standingOf, windowOf } from '../lib/windows.ts';

export type Limiter = {
  /**
   * Counts all demands, or none when one is used up. Their standings, in order; when one is known to be used up
   * without asking, the standings of those that are.
   */
  take<D extends Demand>(demands: readonly D[]): Promise<(D & Standing)[] | 'down'>;
};

type Settings = { upstashRedisRestUrl: string; upstashRedisRestToken: string; limiterTimeoutMs: number };

const BREATH_MS = 1_000;
const MAX_REMEMBERED = 10_000;

/** The first line is Upstash's own: the script holds up nobody who counts under other keys. */
const COUNT_ALL_OR_NONE = `#!lua flags=allow-key-locking
  local used, fits = {}, true
  for i, key in ipairs(KEYS) do
    used[i] = tonumber(redis.call('GET', key) or '0')
    fits = fits and used[i] < tonumber(ARGV[2 * i - 1])
  end
  if fits then
    for i, key in ipairs(KEYS) do
      if redis.call('INCR', key) == 1 then redis.call('PEXPIRE', key, ARGV[2 * i]) end
    end
  end
  return used
`;

/**
 * Made once an isolate. What it keeps between requests is which windows are used up, and when the store failed last;
 * the client is made anew each time, for it batches, and a batch must not span requests.
 */
export function upstashLimiter(settings: Settings, startLimit = startTimeLimit): () => Limiter {
  const usedUp = new Set<string>();
  let failedAt = Number.NEGATIVE_INFINITY;
  return () => ({
    async take(demands) {
      if (performance.now() - failedAt < BREATH_MS) return 'down';
      const now = Date.now();
      const keys = demands.map((demand) => windowOf(demand, now).key);
      const refusing = demands.filter((_, index) => usedUp.has(keys[index] ?? ''));
      if (refusing.length > 0) return refusing.map((demand) => standingOf(demand, demand.count, false, now));

      const limit = startLimit(settings.limiterTimeoutMs);
      const used = await countIn(connect(settings, limit.signal), demands, keys).catch(() => undefined);
      limit.end();
      if (used === undefined) {
        failedAt = performance.now();
        return 'down';
      }
      const isCounted = demands.every((demand, index) => (used[index] ?? 0) < demand.count);
      return demands.map((demand, index) => {
        const standing = standingOf(demand, used[index] ?? 0, isCounted, now);
        if (!standing.fits) remember(usedUp, keys[index] ?? '');
        return standing;
      });
    },
  });
}

const connect = (settings: Settings, signal: AbortSignal) =>
  new Redis({
    url: settings.upstashRedisRestUrl,
    token: settings.upstashRedisRestToken,
    retry: false,
    enableTelemetry: false,
    // As a function it makes an abort throw; as a value, an abort reads as an answer.
    signal: () => signal,
  });

/** What each window held before this request. A script that the store does not know yet takes a second trip. */
function countIn(redis: Redis, demands: readonly Demand[], keys: string[]): Promise<number[]> {
  const budgets = demands.flatMap(({ count, seconds }) => [String(count), String(seconds * 1_000)]);
  const names = keys.map((key) => `limit:${key}`);
  return redis.createScript<number[]>(COUNT_ALL_OR_NONE).exec(names, budgets);
}

/** A window that is over is never asked for again: all are forgotten when there are too many. */
function remember(usedUp: Set<string>, key: string): void {
  if (usedUp.size >= MAX_REMEMBERED) usedUp.clear();
  usedUp.add(key);
}
