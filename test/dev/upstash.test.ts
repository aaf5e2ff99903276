/**
 * The limiter's adapter against every Redis there is here: the one inside the process, which stands in for it in
 * tests and on a laptop, and the machine's own redis-server, both behind Upstash's protocol. Without the second its
 * tests are skipped, except where it is demanded, as by `.ci/run`, which installs it: by REAL_REDIS=required.
 */
import { randomUUID } from 'node:crypto';
import { Redis } from '@upstash/redis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { inProcessRedis } from '../../dev/redis.ts';
import { type RedisBackend, serveUpstash } from '../../selfhost/gateway/upstash.ts';
import { upstashLimiter } from '../../src/ports/limiter.ts';
import type { Served } from '../../tooling/loopback.ts';
import { isRealRedisInstalled, startRealRedis } from '../support/real-redis.ts';
import { countedTimeLimits } from '../support/time-limits.ts';

const isRealRedisWanted = process.env.REAL_REDIS === 'required' || isRealRedisInstalled();

describe('over in-process Redis', () => passes(inProcessRedis));

describe.skipIf(!isRealRedisWanted)('over redis-server', () => passes(startRealRedis));

function passes(start: () => Promise<RedisBackend>): void {
  let served: Served;
  let isSlow = false;
  let asked = 0;
  beforeAll(async () => {
    served = await serveUpstash({
      backend: await start(),
      beforeRun: async () => {
        asked += 1;
        if (isSlow) await new Promise((resolve) => setTimeout(resolve, 3_000));
      },
    });
  });
  afterAll(() => served.close());

  const { startLimit, waitOf } = countedTimeLimits();
  const limiter = (limiterTimeoutMs = 60_000, url = served.url) =>
    upstashLimiter({ upstashRedisRestUrl: url, upstashRedisRestToken: 'test', limiterTimeoutMs }, startLimit);
  // Ten years, so that no test crosses the edge of a window.
  const demand = (count: number) => ({ name: 'test', key: randomUUID(), count, seconds: 3_650 * 86_400 });

  it('gives each key its budget and no more, also to parallel requests', async () => {
    const take = limiter();
    const [mine, other] = [demand(3), demand(3)];
    const standings = await Promise.all(Array.from({ length: 20 }, () => take().take([mine])));
    expect(standings.flat().filter((one) => one !== 'down' && one.fits)).toHaveLength(3);
    expect(await take().take([other])).toMatchObject([{ fits: true, remaining: 2 }]);
  });

  it('counts all demands of a request, in their order, or none when one is used up', async () => {
    const [tight, loose] = [demand(1), demand(100)];
    expect(await limiter()().take([tight, loose])).toMatchObject([
      { fits: true, remaining: 0 },
      { fits: true, remaining: 99 },
    ]);
    const standings = await limiter()().take([tight, loose]);
    expect(standings).toMatchObject([
      { fits: false, remaining: 0 },
      { fits: true, remaining: 99 },
    ]);
    if (standings !== 'down') expect(standings[0]?.resetInMs).toBeGreaterThan(0);
  });

  it('is not asked again about a window that is used up', async () => {
    const take = limiter();
    const [tight, loose] = [demand(1), demand(100)];
    await take().take([tight]);
    await take().take([tight]);
    asked = 0;
    expect(await take().take([tight, loose])).toMatchObject([{ fits: false, remaining: 0, key: tight.key }]);
    expect(asked).toBe(0);
    expect(await take().take([loose])).toMatchObject([{ fits: true, remaining: 99 }]);
    expect(asked).toBe(1);
  });

  it('keeps a counter no longer than its window', async () => {
    const redis = new Redis({ url: served.url, token: 'test', retry: false });
    const short = { ...demand(3), seconds: 3_600 };
    await limiter()().take([short]);
    const [key = ''] = await redis.keys(`*${short.key}`);
    expect(await redis.pttl(key)).toBeGreaterThan(3_500_000);
    expect(await redis.pttl(key)).toBeLessThanOrEqual(3_600_000);
  });

  it('is down when nobody listens, and is asked again a breath later', async () => {
    const take = limiter(60_000, 'http://localhost:1');
    for (let time = 0; time < 2; time++)
      expect(await waitOf(() => take().take([demand(3)]))).toEqual({ result: 'down', waitedMs: 0 });
  });

  it('is down within its timeout when it hangs, and costs the next request nothing', async () => {
    const take = limiter(300);
    isSlow = true;
    // It is not asked for a moment, and a busy machine may take longer.
    vi.spyOn(performance, 'now').mockReturnValue(performance.now());
    expect(await waitOf(() => take().take([demand(3)]))).toEqual({ result: 'down', waitedMs: 300 });
    expect(await waitOf(() => take().take([demand(3)]))).toEqual({ result: 'down', waitedMs: 0 });
    isSlow = false;
    vi.restoreAllMocks();
  });

  it('speaks the protocol: binary-safe strings, numbers, nothing, lists and errors', async () => {
    const redis = new Redis({
      url: served.url,
      token: 'test',
      retry: false,
      automaticDeserialization: false,
    });
    const key = randomUUID();
    expect(await redis.set(key, 'abcd ü 🦊')).toBe('OK');
    expect(await redis.get(key)).toBe('abcd ü 🦊');
    expect(await redis.get(randomUUID())).toBeNull();
    expect(await redis.eval('return {1, ARGV[1], {KEYS[1]}}', ['k'], ['v'])).toEqual([1, 'v', ['k']]);
    await expect(redis.incr(key)).rejects.toThrow(/not an integer/);
    await expect(redis.evalsha('0'.repeat(40), [], [])).rejects.toThrow(/NOSCRIPT/);
  });

  it('refuses a request without a token', async () => {
    expect((await fetch(served.url, { method: 'POST', body: '["PING"]' })).status).toBe(401);
  });
}
