/**
 * The tests' half of test/support/control.ts. Uses `fetch` alone, so it works inside workerd. `app` is the
 * `application_name` that the test gave in its connection string.
 */
import { inject } from 'vitest';
import type { Fault, Trips } from './control.ts';
import type { ImportRequest } from './import-route.ts';
import type { Statement } from './statements.ts';

/** How often the app went to the database since the last `resetTrips`. */
export async function trips(app: string): Promise<Trips> {
  return (await call('GET', `/trips/${encodeURIComponent(app)}`)) as Trips;
}

export async function resetTrips(app: string): Promise<void> {
  await call('DELETE', `/trips/${encodeURIComponent(app)}`);
}

/** What each trip of the app to the database does from here on, until `recordedTrips` asks. */
export async function recordTrips(app: string): Promise<void> {
  await call('PUT', `/statements/${encodeURIComponent(app)}`);
}

export async function recordedTrips(app: string): Promise<Statement[][]> {
  return (await call('DELETE', `/statements/${encodeURIComponent(app)}`)) as Statement[][];
}

/** Slows or breaks the app's database, for `times` requests or until `clearFault`. */
export async function fault(app: string, fault: Fault): Promise<void> {
  await call('PUT', `/faults/${encodeURIComponent(app)}`, fault);
}

export async function clearFault(app: string): Promise<void> {
  await call('DELETE', `/faults/${encodeURIComponent(app)}`);
}

let database = inject('env').DATABASE_URL;

/** Where `query` goes from here on. */
export function queryIn(connectionString: string): void {
  database = connectionString;
}

/** Rows as JSON carries them: a timestamp is its ISO text, an int8 is text. */
export async function query<Row>(sql: string, params: unknown[] = []): Promise<Row[]> {
  return (await call('POST', '/sql', { database, query: sql, params })) as Row[];
}

/** Moves people in, as `npm run import` does; gives the counts. */
export async function importFile(
  file: Omit<ImportRequest, 'database' | 'neonHttpUrl'>,
): Promise<Record<string, number>> {
  const { NEON_HTTP_URL: neonHttpUrl } = inject('env');
  return (await call('POST', '/import', { ...file, database, neonHttpUrl })) as Record<string, number>;
}

/** The connection string of a new database with the schema and no rows. */
export async function freshDatabase(): Promise<string> {
  return (await call('POST', '/databases')) as string;
}

async function call(method: string, path: string, body?: unknown): Promise<unknown> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(`${inject('env').CONTROL_URL}${path}`, init);
  const answer = (await response.json()) as { message?: string };
  if (!response.ok) throw new Error(`${method} ${path} failed: ${answer.message}`);
  return answer;
}
