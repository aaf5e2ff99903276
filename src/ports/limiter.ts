/**
 * Counters in Upstash Redis. The library lets a request pass when its store is slow; here that is `down`, and the
 * caller decides. After a failure the store is left alone for a breath, so that an outage costs one request its
 * timeout and not every request.
 */
import { Ratelimit } from '@upstash/ratelimit';
import { Redis } from '@upstash/redis';

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
 * failed last; the client is made anew for each request, for it batches, and a batch must not span requests.
 */
export function upstashLimiter(settings: Settings): () => Limiter {
  const refused = new Map<string, Map<string, number>>();
  let failedAt = Number.NEGATIVE_INFINITY;
  return () => {
    const open = connect(settings, refused);
    return {
      async take(demands) {
        if (performance.now() - failedAt < BREATH_MS) return 'down';
        const standings = await Promise.all(demands.map((demand) => takeOne(open(demand), demand))).catch(
          () => 'down' as const,
        );
        if (standings === 'down' || standings.includes('down')) {
          failedAt = performance.now();
          return 'down';
        }
        return standings.filter((standing) => standing !== 'down');
      },
    };
  };
}

function connect(settings: Settings, refused: Map<string, Map<string, number>>) {
  const timeout = settings.limiterTimeoutMs;
  const redis = new Redis({
    url: settings.upstashRedisRestUrl,
    token: settings.upstashRedisRestToken,
    retry: false,
    enableTelemetry: false,
    signal: () => AbortSignal.timeout(timeout),
  });
  return ({ name, count, seconds }: Demand): Ratelimit => {
    const prefix = `limit:${name}:${seconds}`;
    const ephemeralCache = refused.get(prefix) ?? new Map<string, number>();
    refused.set(prefix, ephemeralCache);
    const limiter = Ratelimit.fixedWindow(count, `${seconds} s`);
    return new Ratelimit({ redis, limiter, prefix, ephemeralCache, timeout, analytics: false });
  };
}

async function takeOne(ratelimit: Ratelimit, { key }: Demand): Promise<Standing | 'down'> {
  const { success, remaining, reset, reason } = await ratelimit.limit(key);
  if (reason === 'timeout') return 'down';
  return { fits: success, remaining: Math.max(remaining, 0), resetInMs: reset - Date.now() };
}
