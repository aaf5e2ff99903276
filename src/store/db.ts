/**
 * Postgres over Neon's HTTP driver: one `fetch` a statement or batch, no connection kept, no interactive
 * transaction. Whatever must be decided together is one statement, or one `batch` behind an address lock.
 */
import { NeonDbError, neon, neonConfig } from '@neondatabase/serverless';
import { DrizzleQueryError, type SQL, sql } from 'drizzle-orm';
import { drizzle, type NeonHttpDatabase } from 'drizzle-orm/neon-http';
import { type StartTimeLimit, startTimeLimit } from '../lib/time-limit.ts';

export type Db = NeonHttpDatabase;

/** How often a request went to the database, and the milliseconds it waited there. */
export type TripMeter = { trips: number; ms: number };

type Settings = { databaseUrl: string; neonHttpUrl?: string | undefined; databaseTimeoutMs: number };

/** Cheap enough to be done for each request (microseconds), whose trips `meter` then counts. */
export function openDb(settings: Settings, meter?: TripMeter, startLimit = startTimeLimit): Db {
  if (settings.neonHttpUrl !== undefined) neonConfig.fetchEndpoint = settings.neonHttpUrl;
  neonConfig.fetchFunction = trip;
  // The driver's `fetch` is one for all clients; the options are what it hands over for each of them.
  const fetchOptions: TripOptions = { timeoutMs: settings.databaseTimeoutMs, meter, startLimit };
  return drizzle({ client: neon(settings.databaseUrl, { fetchOptions }) });
}

type TripOptions = { timeoutMs: number; meter: TripMeter | undefined; startLimit: StartTimeLimit };

/**
 * The driver has no timeout of its own; a hanging database must not hold a request. With a meter the limit is one for
 * all trips of a request together: two slow ones must not add up to twice as long. The driver reads the body outside
 * of its own error handling, so it is handed one that has arrived whole. Whatever is thrown here, the driver wraps in a
 * NeonDbError without an SQLSTATE.
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
    // An intermediary's page of HTML, or an answer whose end was lost without a sign of it.
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
 * Whether the database did not answer, as opposed to answering that a statement is wrong. Without an SQLSTATE nobody
 * answered, or not Postgres. What the statement changes may have been committed all the same.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  const answer = answerOf(error);
  if (!(answer instanceof NeonDbError)) return false;
  return answer.code === undefined || UNAVAILABLE.test(answer.code);
}

/** Drizzle wraps what a statement ends with, and leaves that of a batch as it is. */
const answerOf = (error: unknown) => (error instanceof DrizzleQueryError ? error.cause : error);
