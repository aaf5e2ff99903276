/**
 * Counters in Upstash Redis. A store that does not answer in time, body included, is `down`, and the caller decides. After
 * a failure the store is left alone for a breath, so that an outage costs one request its timeout and not every request.
 */
import { Ratelimit } from '@upstash/ratelimit';
import { Redis } from '@upstash/redis';
import { startTimeLimit } from '../lib/time-limit.ts';

/** One use to be counted against one window of one key. */
export type Demand = { name: string; key: string; count: number; seconds: number };

/** Where the window of a demand stands after it. */
export type Standing = { fits: boolean; remaining: number; resetInMs: number };

export type Limiter = {
  /** Counts each demand, in order, in one request to the store. */
  take(demands: readonly Demand[]): Promise<Standing[] | 'down'>;
};

type Settings = { upstashRedisRestUrl: string; upstashRedisRestToken: string; limiterTimeoutMs: number };

const BREATH_MS = 1_000;

/**
 * Made once an isolate. What it keeps between requests is which keys are refused until when, and when the store
 * failed last; the client is made anew each time, for it batches, and a batch must not span requests.
 */
export function upstashLimiter(settings: Settings, startLimit = startTimeLimit): () => Limiter {
  const refused = new Map<string, Map<string, number>>();
  let failedAt = Number.NEGATIVE_INFINITY;
  return () => ({
    async take(demands) {
      if (performance.now() - failedAt < BREATH_MS) return 'down';
      const limit = startLimit(settings.limiterTimeoutMs);
      const open = connect(settings, limit.signal, refused);
      try {
        return await Promise.all(demands.map((demand) => takeOne(open(demand), demand)));
      } catch {
        failedAt = performance.now();
        return 'down';
      } finally {
        limit.end();
      }
    },
  });
}

function connect(settings: Settings, signal: AbortSignal, refused: Map<string, Map<string, number>>) {
  const redis = new Redis({
    url: settings.upstashRedisRestUrl,
    token: settings.upstashRedisRestToken,
    retry: false,
    enableTelemetry: false,
    // As a function it makes an abort throw; as a value, an abort reads as an answer.
    signal: () => signal,
  });
  return ({ name, count, seconds }: Demand): Ratelimit => {
    const prefix = `limit:${name}:${seconds}`;
    const ephemeralCache = refused.get(prefix) ?? new Map<string, number>();
    refused.set(prefix, ephemeralCache);
    const limiter = Ratelimit.fixedWindow(count, `${seconds} s`);
    // Its own timeout lets the request pass.
    return new Ratelimit({ redis, limiter, prefix, ephemeralCache, timeout: 0, analytics: false });
  };
}

async function takeOne(ratelimit: Ratelimit, { key }: Demand): Promise<Standing> {
  const { success, remaining, reset } = await ratelimit.limit(key);
  return { fits: success, remaining: Math.max(remaining, 0), resetInMs: reset - Date.now() };
}
