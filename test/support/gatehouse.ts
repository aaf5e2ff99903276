/**
 * The real app on the real Postgres, one for a test: its own settings, its own clock, its own trip count. Mail goes
 * through the real queue and consumer to the mailbox. Every answer is held against the OpenAPI document.
 */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { BASE_PATH, createApp } from '../../src/app.ts';
import type { ApiBindings } from '../../src/config/bindings.ts';
import { type ApiConfig, readApiConfig } from '../../src/config/read.ts';
import { DEFAULT_COSTS } from '../../src/lib/scrypt.ts';
import { wire } from '../../src/wiring.ts';
import { assertDocumented } from './contract.ts';
import { resetTrips, trips } from './control-client.ts';
import { countedTimeLimits } from './time-limits.ts';
import { workMeter } from './work.ts';

export type Answer = {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: the shape of an answer is what tests assert
  body: any;
  /** Of the body. */
  bytes: number;
  /** What ran out of time before the answer was there, in all (support/time-limits.ts). */
  waitedMs: number;
  /** Until the answer was there, for bench/, which measures; no test asserts it. */
  ms: number;
};

export type CallOptions = { token?: string; headers?: Record<string, string>; raw?: BodyInit };

export type Gatehouse = ReturnType<typeof startGatehouse>;

/** For PASSWORD_SCRYPT_COSTS: a thousandth of the price of a hash, except where the price is what a test is about. */
const LOW_PRICE = 'ln=4,r=8,p=1';
export const FULL_PRICE = DEFAULT_COSTS;

/** Nearly as long as a test may take. */
export const PATIENCE_MS = 100_000;

/** Seconds of a limit whose window began minutes ago and lasts for weeks: no edge falls into a test. */
export const ONE_WINDOW = Math.floor(Date.now() / 1_000 / 450);

export function startGatehouse(
  settings: Record<string, string> = {},
  parts: Partial<ApiBindings> = {},
  clock: Clock = startClock(),
) {
  const name = `test-${crypto.randomUUID()}`;
  const bindings = env as unknown as ApiBindings & Record<string, string>;
  const databaseUrl = `${settings.DATABASE_URL ?? bindings.DATABASE_URL}?application_name=${name}`;
  const read = readApiConfig({
    ...bindings,
    UPSTASH_REDIS_REST_TOKEN: name,
    LOG_LEVEL: 'error',
    PASSWORD_SCRYPT_COSTS: LOW_PRICE,
    // Whoever comes first is let in: only tests of the queue find it full.
    PASSWORD_HASH_WAITING: '64',
    ...settings,
    DATABASE_URL: databaseUrl,
  });
  // Neither Redis nor Postgres is down because the machine is busy.
  const config: ApiConfig = {
    ...read,
    limiterTimeoutMs: settings.LIMITER_TIMEOUT_MS ? read.limiterTimeoutMs : PATIENCE_MS,
    databaseTimeoutMs: settings.DATABASE_TIMEOUT_MS ? read.databaseTimeoutMs : PATIENCE_MS,
  };
  const { startLimit, waitOf } = countedTimeLimits();
  const meter = workMeter(name, { ...bindings, ...parts });
  const { scrypt, loadDigest } = meter;
  const app = createApp(wire(config, meter.bindings, { now: clock.now, scrypt, loadDigest, startLimit }));

  async function timed(request: Request): Promise<{ response: Response; waitedMs: number; ms: number }> {
    const context = createExecutionContext();
    const started = performance.now();
    const { result: response, waitedMs } = await waitOf(() => app.fetch(request, bindings, context));
    const ms = performance.now() - started;
    await waitOnExecutionContext(context);
    return { response, waitedMs, ms };
  }

  const fetch = async (request: Request): Promise<Response> => (await timed(request)).response;

  /** The answer as soon as it is there; what is left to do after it is put into `waiting`. */
  async function answerOnly(request: Request, waiting: Promise<unknown>[]): Promise<Response> {
    const context = createExecutionContext();
    context.waitUntil = (work) => {
      waiting.push(Promise.resolve(work));
    };
    return app.fetch(request, bindings, context);
  }

  /** Calls an endpoint by its path below /api/v1/auth, or by its whole path when that is absolute (`//health`). */
  async function call(
    method: string,
    path: string,
    body?: unknown,
    options: CallOptions = {},
  ): Promise<Answer> {
    const pathname = path.startsWith('//') ? path.slice(1) : BASE_PATH + path;
    const url = new URL(pathname, config.issuer);
    const { response, waitedMs, ms } = await timed(toRequest(url.href, method, body, options));
    // Not `text()`: workerd complains of it where a body is no text by its type, as a signed list is not.
    const text = new TextDecoder().decode(await response.arrayBuffer());
    const { status, headers } = response;
    const [mediaType = ''] = (headers.get('Content-Type') ?? '').split(';');
    const answered = /json$/.test(mediaType) ? JSON.parse(text) : text;
    // As it was sent: without what is undefined.
    const sent =
      options.raw === undefined && body !== undefined ? JSON.parse(JSON.stringify(body)) : undefined;
    assertDocumented({
      method,
      url,
      asked: new Headers(options.headers),
      sent,
      status,
      headers,
      mediaType,
      body: answered,
    });
    // Durations are never equal, and production sends none.
    headers.delete('Server-Timing');
    return {
      status,
      headers,
      body: answered,
      bytes: new TextEncoder().encode(text).byteLength,
      waitedMs,
      ms,
    };
  }

  return {
    config,
    clock,
    call,
    fetch,
    answerOnly,
    post: (path: string, body: unknown, options?: CallOptions) => call('POST', path, body, options),
    get: (path: string, options?: CallOptions) => call('GET', path, undefined, options),
    delete: (path: string, options?: CallOptions) => call('DELETE', path, undefined, options),
    /** How many requests `work` makes to the database. */
    async tripsOf<T>(work: () => Promise<T>): Promise<{ count: number; answer: T }> {
      await resetTrips(name);
      const answer = await work();
      return { count: (await trips(name)).count, answer };
    },
    /** How many requests `work` makes to Redis. */
    async redisTripsOf(work: () => Promise<unknown>): Promise<number> {
      await resetTrips(`redis:${name}`);
      await work();
      return (await trips(`redis:${name}`)).count;
    },
    hashesOf: meter.hashesOf,
    workOf: meter.workOf,
    /** The name this app goes by at the control server. */
    name,
  };
}

function toRequest(
  url: string,
  method: string,
  body: unknown,
  { token, headers, raw }: CallOptions,
): Request {
  const hasBody = raw !== undefined || body !== undefined;
  return new Request(url, {
    method,
    headers: {
      ...(hasBody && { 'Content-Type': 'application/json' }),
      'CF-Connecting-IP': freshClient(),
      ...(token && { Authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(hasBody && { body: raw ?? JSON.stringify(body) }),
  });
}

/** The headers of an answer, less the seconds that a limit's window has left. */
export const steadyHeaders = ({ headers }: Pick<Answer, 'headers'>) =>
  [...headers].map(([name, value]) => [name, name === 'ratelimit' ? value.replaceAll(/t=\d+/g, 't') : value]);

/** Every call comes from a client of its own, unless a test says otherwise: limits are for those that test them. */
export function freshClient(): string {
  const groups = crypto.getRandomValues(new Uint16Array(4));
  return `2001:${[...groups].map((group) => group.toString(16)).join(':')}::1`;
}

export type Clock = { now(): Date; travel(seconds: number): void };

/** Runs with the real clock until it is moved. */
function startClock(): Clock {
  let offset = 0;
  return {
    now: () => new Date(Date.now() + offset),
    travel(seconds: number) {
      offset += seconds * 1_000;
    },
  };
}

/** Longer than the tests of a file take. */
const AHEAD_MS = 600_000;

/**
 * With a clock that stands still until it is moved, where seconds decide: a second before an end is a second before it,
 * however slow the machine is. It is ahead of the database's clock, so that this decides nothing.
 */
export function startStill(settings: Record<string, string> = {}): Gatehouse {
  let now = Date.now() + AHEAD_MS;
  const travel = (seconds: number) => {
    now += seconds * 1_000;
  };
  return startGatehouse(settings, {}, { now: () => new Date(now), travel });
}
