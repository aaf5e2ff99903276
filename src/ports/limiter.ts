/**
 * Counters in Upstash Redis: one command for each request, whatever it demands (docs/decisions/0010). When Redis does
 * not answer completely within its time limit, the result is `down` and the caller decides. After a failure Redis is
 * not asked for a moment, so an outage costs one request its timeout and not every request.
 */
import { createHash } from 'node:crypto';
import { Ratelimit, type RatelimitConfig } from '@upstash/ratelimit';
import { Redis } from '@upstash/redis';
import { startTimeLimit } from '../lib/time-limit.ts';
import { type Demand, type Standing, standingOf, windowOf } from '../lib/windows.ts';

export type Limiter = {
  /**
   * Counts all demands, or none when one is used up. Gives how each stands, in their order. When one is known to be
   * used up, Redis is not asked, and only those that are used up are given.
   */
  take<D extends Demand>(demands: readonly D[]): Promise<(D & Standing)[] | 'down'>;
  /** Whether one of them is known to be used up, so that `take` does not ask Redis. */
  knowsUsedUp(demands: readonly Demand[]): boolean;
};

type Settings = { upstashRedisRestUrl: string; upstashRedisRestToken: string; limiterTimeoutMs: number };

const PREFIX = 'limit';
const PAUSE_MS = 1_000;
const MAX_REMEMBERED = 10_000;

/** The first line is for Upstash: the script does not block those who count under other keys. */
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
const SCRIPT_SHA1 = createHash('sha1').update(COUNT_ALL_OR_NONE).digest('hex');

/**
 * Made once for each isolate. Between requests it remembers which windows are used up, and when Redis failed last. The
 * client is new for each request: it sends batches, and a batch must not contain commands of several requests.
 */
export function upstashLimiter(settings: Settings, startLimit = startTimeLimit): () => Limiter {
  const usedUp = new Map<string, number>();
  let failedAt = Number.NEGATIVE_INFINITY;
  return () => ({
    knowsUsedUp: (demands) =>
      demands.some((demand) => usedUp.has(`${PREFIX}:${windowOf(demand, Date.now()).key}`)),
    async take(demands) {
      if (performance.now() - failedAt < PAUSE_MS) return 'down';
      if (usedUp.size >= MAX_REMEMBERED) usedUp.clear();
      const time = startLimit(settings.limiterTimeoutMs);
      try {
        return await judge(demands, { redis: connect(settings, time.signal), ephemeralCache: usedUp });
      } catch {
        failedAt = performance.now();
        return 'down';
      } finally {
        time.end();
      }
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

async function judge<D extends Demand>(
  demands: readonly D[],
  client: { redis: Redis; ephemeralCache: Map<string, number> },
): Promise<(D & Standing)[]> {
  let standings: (D & Standing)[] = [];
  const limiter = allOrNone(demands, (judged) => {
    standings = judged;
  });
  const common = { prefix: PREFIX, analytics: false, enableTelemetry: false };
  // `timeout: 0` is none: after its own, the library lets the request pass.
  const ratelimit = new Ratelimit({ ...client, ...common, limiter, timeout: 0 });
  await ratelimit.limit(demands.map(({ name }) => name).join(' '));
  return standings;
}

/**
 * An algorithm for the library, whose own ones judge one window each. The results for all demands go to `report`,
 * since the answer of the library has room for one.
 */
function allOrNone<D extends Demand>(
  demands: readonly D[],
  report: (standings: (D & Standing)[]) => void,
): RatelimitConfig['limiter'] {
  const unused = () => Promise.reject(new Error('only `limit` is in use'));
  return () => ({
    getRemaining: unused,
    resetTokens: unused,
    async limit({ redis, cache, prefix }) {
      const now = Date.now();
      const windows = demands.map((demand) => {
        const { key, resetAt } = windowOf(demand, now);
        return { demand, key: `${prefix}:${key}`, resetAt };
      });
      const remembered = windows.filter(({ key }) => cache?.isBlocked(key).blocked);
      if (remembered.length > 0) {
        report(remembered.map(({ demand }) => standingOf(demand, demand.count, false, now)));
        return answerOf(false);
      }
      const used = await countIn(redis, windows);
      const isCounted = windows.every(({ demand }, index) => (used[index] ?? 0) < demand.count);
      const standings = windows.map(({ demand }, index) =>
        standingOf(demand, used[index] ?? 0, isCounted, now),
      );
      for (const [index, { key, resetAt }] of windows.entries())
        if (standings[index]?.fits === false) cache?.blockUntil(key, resetAt);
      report(standings);
      return answerOf(isCounted);
    },
  });
}

const answerOf = (success: boolean) => ({
  success,
  limit: 0,
  remaining: 0,
  reset: 0,
  pending: Promise.resolve(),
});

/** The count of each window before this request. A script that Redis does not know yet takes a second trip. */
async function countIn(redis: Redis, windows: { demand: Demand; key: string }[]): Promise<number[]> {
  const keys = windows.map(({ key }) => key);
  const budgets = windows.flatMap(({ demand }) => [String(demand.count), String(demand.seconds * 1_000)]);
  try {
    return await redis.evalsha<string[], number[]>(SCRIPT_SHA1, keys, budgets);
  } catch (error) {
    if (!String(error).includes('NOSCRIPT')) throw error;
    return redis.eval<string[], number[]>(COUNT_ALL_OR_NONE, keys, budgets);
  }
}
