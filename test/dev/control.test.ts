/** The control server does what tests in workerd will take its word for. */
import { randomUUID } from 'node:crypto';
import { neon, neonConfig } from '@neondatabase/serverless';
import { expect, inject, it } from 'vitest';
import { clearFault, fault, query, resetTrips, trips } from '../support/control-client.ts';

const { DATABASE_URL, NEON_HTTP_URL } = inject('env');
neonConfig.fetchEndpoint = NEON_HTTP_URL;

function connect(options = {}) {
  const app = `control-${randomUUID()}`;
  return { app, sql: neon(`${DATABASE_URL}?application_name=${app}`, options) };
}

it('counts the trips of each app alone, a batch as one', async () => {
  const [one, other] = [connect(), connect()];
  await one.sql`SELECT 1`;
  await one.sql.transaction([one.sql`SELECT 2\n + 2`, one.sql`SELECT 3`]);
  await other.sql`SELECT 4`;
  expect(await trips(one.app)).toEqual({ count: 2, queries: ['SELECT 1', 'SELECT 2', 'SELECT 3'] });
  await resetTrips(one.app);
  expect(await trips(one.app)).toEqual({ count: 0, queries: [] });
  expect(await trips(other.app)).toEqual({ count: 1, queries: ['SELECT 4'] });
});

it('refuses as often as asked, and only the app it was asked for', async () => {
  const [one, other] = [connect(), connect()];
  await fault(one.app, { fail: 'refuse', times: 2 });
  await expect(one.sql`SELECT 1`).rejects.toThrow('HTTP status 500');
  await expect(one.sql`SELECT 1`).rejects.toThrow('HTTP status 500');
  expect(await one.sql`SELECT 1 AS one`).toEqual([{ one: 1 }]);
  expect(await other.sql`SELECT 1 AS one`).toEqual([{ one: 1 }]);
});

it('lets some pass first, or fails a share of all that is the same in every run', async () => {
  const { app, sql } = connect();
  const passes = async () =>
    sql`SELECT 1`.then(
      () => true,
      () => false,
    );
  await fault(app, { fail: 'refuse', skip: 1, times: 1 });
  expect([await passes(), await passes(), await passes()]).toEqual([true, false, true]);
  const runs = [];
  for (let run = 0; run < 2; run++) {
    await fault(app, { fail: 'refuse', rate: 0.5 });
    const passed = [];
    for (let time = 0; time < 12; time++) passed.push(await passes());
    runs.push(passed);
  }
  expect(runs[0]).toEqual(runs[1]);
  expect(new Set(runs[0])).toEqual(new Set([true, false]));
});

it('raises an SQLSTATE until told to stop', async () => {
  const { app, sql } = connect();
  await fault(app, { fail: '40001' });
  await expect(sql`SELECT 1`).rejects.toMatchObject({ code: '40001' });
  await expect(sql`SELECT 1`).rejects.toMatchObject({ code: '40001' });
  await clearFault(app);
  expect(await sql`SELECT 1 AS one`).toEqual([{ one: 1 }]);
});

it('hangs and delays', async () => {
  const { app, sql } = connect();
  await fault(app, { delayMs: 150, times: 1 });
  const started = performance.now();
  await sql`SELECT 1`;
  expect(performance.now() - started).toBeGreaterThan(140);
  await fault(app, { fail: 'hang' });
  const hasty = { fetchOptions: { signal: AbortSignal.timeout(400) } };
  await expect(sql.query('SELECT 1', [], hasty)).rejects.toThrow('timeout');
});

it('lets what comes late through once it is told to stop, and lets another fault follow', async () => {
  const { app, sql } = connect();
  await fault(app, { fail: 'late' });
  // The driver asks when it is awaited, each time.
  const late = sql`SELECT 1 AS one`.then((rows) => rows);
  const isAnswered = late.then(() => true);
  await expect.poll(async () => (await trips(app)).count).toBe(1);
  expect(await Promise.race([isAnswered, Promise.resolve(false)])).toBe(false);
  await clearFault(app);
  expect(await late).toEqual([{ one: 1 }]);

  await fault(app, { fail: '40001', times: 1, next: { fail: '40P01', times: 1 } });
  for (const code of ['40001', '40P01']) await expect(sql`SELECT 1`).rejects.toMatchObject({ code });
  expect(await sql`SELECT 1 AS one`).toEqual([{ one: 1 }]);
});

it('runs SQL past the app, and tells what Postgres objects to', async () => {
  expect(await query('SELECT $1::int AS n, now() > $2::timestamptz AS later', [7, '2020-01-01'])).toEqual([
    { n: 7, later: true },
  ]);
  await expect(query('SELEKT')).rejects.toThrow('42601');
});

it.each([
  ['stall', 'timeout'],
  ['cut', 'terminated'],
])('does the work and sends half of the answer (%s)', async (fail, message) => {
  const hangUp = new AbortController();
  const { app, sql } = connect({ fetchOptions: { signal: hangUp.signal } });
  const table = `half_${fail}`;
  await fault(app, { fail, times: 1 });
  const rejected = expect(sql.query(`CREATE TABLE ${table} AS SELECT 1 AS one`)).rejects.toThrow(message);
  const isThere = () => query(`SELECT FROM pg_class WHERE relname = '${table}'`);
  await expect.poll(isThere).toHaveLength(1);
  if (fail === 'stall') hangUp.abort(new Error('timeout'));
  await rejected;
  expect(await query(`SELECT one FROM ${table}`)).toEqual([{ one: 1 }]);
  await query(`DROP TABLE ${table}`);
});
