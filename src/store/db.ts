/**
 * Postgres over the HTTP driver of Neon: one `fetch` for each statement or batch. No connection is kept, and there is
 * no interactive transaction. What must be decided together is one statement, or one batch that begins with a lock.
 */
import { NeonDbError, neon, neonConfig } from '@neondatabase/serverless';
import { DrizzleQueryError, type SQL, sql } from 'drizzle-orm';
import { drizzle, type NeonHttpDatabase } from 'drizzle-orm/neon-http';
import { type StartTimeLimit, startTimeLimit } from '../lib/time-limit.ts';

export type Db = NeonHttpDatabase;

/** How many trips to the database a request has made, and how many milliseconds it waited for them. */
export type TripMeter = { trips: number; ms: number };

type Settings = { databaseUrl: string; neonHttpUrl?: string | undefined; databaseTimeoutMs: number };

/** Takes microseconds, so every request opens its own and `meter` counts its trips. */
export function openDb(settings: Settings, meter?: TripMeter, startLimit = startTimeLimit): Db {
  if (settings.neonHttpUrl !== undefined) neonConfig.fetchEndpoint = settings.neonHttpUrl;
  neonConfig.fetchFunction = trip;
  // The driver has one `fetch` for all clients; it passes these options on for each of them.
  const fetchOptions: TripOptions = { timeoutMs: settings.databaseTimeoutMs, meter, startLimit };
  return drizzle({ client: neon(settings.databaseUrl, { fetchOptions }) });
}

type TripOptions = { timeoutMs: number; meter: TripMeter | undefined; startLimit: StartTimeLimit };

/**
 * The driver has no timeout of its own, and a database that hangs must not hold a request. With a meter, all trips of
 * a request share one time limit.
 *
 * The driver reads the body outside of its own error handling, so it is given a body that has arrived completely. It
 * wraps whatever is thrown here in a NeonDbError without an SQLSTATE.
 */
async function trip(
  input: RequestInfo,
  { timeoutMs, meter, startLimit, ...init }: RequestInit & TripOptions,
): Promise<Response> {
  const started = performance.now();
  if (meter) meter.trips += 1;
  const limit = startLimit(Math.max(1, Math.ceil(timeoutMs - (meter?.ms ?? 0))));
  try {
    const response = await fetch(input, { ...init, signal: limit.signal });
    const body = await response.text();
    // Throws on an HTML page of a proxy, and on an answer that was cut off.
    JSON.parse(body);
    return new Response(body, { status: response.status });
  } finally {
    limit.end();
    if (meter) meter.ms += performance.now() - started;
  }
}

/** A `bytea` value. */
export const bytes = (value: Uint8Array): SQL => sql`${`\\x${Buffer.from(value).toString('hex')}`}::bytea`;

/** A `timestamptz` value. */
export const instant = (value: Date): SQL => sql`${value.toISOString()}::timestamptz`;

/** SQLSTATE of a Postgres error, wherever the driver and Drizzle have wrapped it. */
export function sqlState(error: unknown): string | undefined {
  const answer = answerOf(error);
  return answer instanceof NeonDbError ? answer.code : undefined;
}

/** Connection lost (08), out of resources (53), shutting down or timed out (57). */
const UNAVAILABLE = /^(08|53|57)/;

/**
 * Whether the database did not answer. An SQLSTATE means that Postgres answered and that the statement is wrong,
 * except for those of `UNAVAILABLE`. The change may have been committed even if no answer came.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  const answer = answerOf(error);
  if (!(answer instanceof NeonDbError)) return false;
  return answer.code === undefined || UNAVAILABLE.test(answer.code);
}

/** Drizzle wraps the error of a single statement, and not that of a batch. */
const answerOf = (error: unknown) => (error instanceof DrizzleQueryError ? error.cause : error);
