/**
 * Postgres over the HTTP driver of Neon: one `fetch` for each statement or batch. No connection is kept, and there is
 * no interactive transaction. What must be decided together is one statement, or one batch that begins with a lock.
 */
import { NeonDbError, neon, neonConfig } from '@neondatabase/serverless';
import { type SQL, sql } from 'drizzle-orm';
import { type StartTimeLimit, startTimeLimit } from '../lib/time-limit.ts';
import { rendered } from './rendered.ts';

type Rows = Record<string, unknown>[];

export type Db = {
  execute(query: SQL): Promise<Rows>;
  /** All in one transaction, in order; the rows of each. */
  batch(queries: readonly SQL[]): Promise<Rows[]>;
};

/** How many trips to the database a request has made, and how many milliseconds it waited for them. */
export type TripMeter = { trips: number; ms: number };

type Settings = { databaseUrl: string; neonHttpUrl?: string | undefined; databaseTimeoutMs: number };

/** Takes microseconds, so every request opens its own and `meter` counts its trips. */
export function openDb(settings: Settings, meter?: TripMeter, startLimit = startTimeLimit): Db {
  if (settings.neonHttpUrl !== undefined) neonConfig.fetchEndpoint = settings.neonHttpUrl;
  neonConfig.fetchFunction = trip;
  // The driver has one `fetch` for all clients; it passes these options on for each of them.
  const fetchOptions: TripOptions = { timeoutMs: settings.databaseTimeoutMs, meter, startLimit };
  const client = neon(settings.databaseUrl, { fetchOptions });
  const toQuery = (query: SQL) => {
    const { text, params } = rendered(query);
    return client.query(text, params);
  };
  return {
    execute: async (query) => toQuery(query),
    batch: async (queries) => client.transaction(queries.map(toQuery)),
  };
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
): Promise<Answer> {
  const started = performance.now();
  if (meter) meter.trips += 1;
  const limit = startLimit(Math.max(1, Math.ceil(timeoutMs - (meter?.ms ?? 0))));
  try {
    const response = await fetch(input, { ...init, signal: limit.signal });
    const body = await response.text();
    // Throws on an HTML page of a proxy, and on an answer that was cut off.
    const value: unknown = JSON.parse(body);
    return { ok: response.ok, status: response.status, json: async () => value, text: async () => body };
  } finally {
    limit.end();
    if (meter) meter.ms += performance.now() - started;
  }
}

/** What the driver looks at of a response. */
type Answer = { ok: boolean; status: number; json(): Promise<unknown>; text(): Promise<string> };

/** A `bytea` value. */
export const bytes = (value: Uint8Array): SQL => sql`${`\\x${Buffer.from(value).toString('hex')}`}::bytea`;

/** A `timestamptz` value. */
export const instant = (value: Date): SQL => sql`${value.toISOString()}::timestamptz`;

/** SQLSTATE of a Postgres error. */
export const sqlState = (error: unknown): string | undefined =>
  error instanceof NeonDbError ? error.code : undefined;

/** Connection lost (08), out of resources (53), shutting down or timed out (57), given up to end a deadlock (40P01). */
const UNAVAILABLE = /^(08|53|57|40P01)/;

/**
 * Whether the database did not answer. An SQLSTATE means that Postgres answered and that the statement is wrong,
 * except for those of `UNAVAILABLE`. The change may have been committed even if no answer came.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof NeonDbError)) return false;
  return error.code === undefined || UNAVAILABLE.test(error.code);
}
