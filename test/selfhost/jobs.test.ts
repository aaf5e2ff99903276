/** The jobs on Node: several on one database, each mail once, the schedule in one of them. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { migratePostgres } from '../../dev/migrate.ts';
import { serveNeonHttp } from '../../selfhost/gateway/neon-http.ts';
import { createPostgresExecutor } from '../../selfhost/gateway/postgres.ts';
import { leader } from '../../selfhost/jobs/leader.ts';
import { sendDue } from '../../selfhost/jobs/loop.ts';
import { readJobsConfig } from '../../src/config/read.ts';
import type { JobsDeps } from '../../src/jobs/deps.ts';
import type { Delivery } from '../../src/ports/mailer.ts';
import { openDb } from '../../src/store/db.ts';
import { type OwnDatabase, ownDatabase } from '../support/own-database.ts';

let database: OwnDatabase;
let close: () => Promise<void>;
let neonHttpUrl = '';

beforeAll(async () => {
  database = await ownDatabase();
  await migratePostgres(database.url, false);
  const executor = createPostgresExecutor();
  const served = await serveNeonHttp({ executor });
  neonHttpUrl = served.url;
  close = async () => {
    await served.close();
    await executor.close();
  };
});
afterAll(async () => {
  await close();
  await database.drop();
});

function jobs(answer: (to: string) => Delivery) {
  const sent: string[] = [];
  const config = readJobsConfig({ ...inject('env'), DATABASE_URL: database.url, NEON_HTTP_URL: '' });
  const deps: JobsDeps = {
    config,
    db: openDb({ databaseUrl: database.url, neonHttpUrl, databaseTimeoutMs: 20_000 }),
    mailer: {
      async send({ to }) {
        sent.push(to);
        return answer(to);
      },
    },
    mailQueue: { send: async () => {}, sendBatch: async () => {} },
    now: () => new Date(),
    report: () => {},
  };
  return { deps, sent };
}

/** A notice that needs neither a code nor a person. */
async function owe(count: number): Promise<string[]> {
  const client = await database.open();
  const addresses = Array.from({ length: count }, () => `${randomUUID()}@example.com`);
  await client.query(
    `INSERT INTO email_outbox (id, kind, recipient, status, created_at)
     SELECT gen_random_uuid(), 'account_deleted', recipient, 'pending', now() FROM unnest($1::text[]) recipient`,
    [addresses],
  );
  return addresses;
}

const sent = (): Delivery => ({ result: 'sent', providerId: 'x' });

test('two that look at the same time send each mail once', async () => {
  const owed = await owe(45);
  const [one, other] = [jobs(sent), jobs(sent)];
  await Promise.all([sendDue(one.deps), sendDue(other.deps)]);
  // What the one has claimed when the other looks is left to it.
  await sendDue(one.deps);
  expect([...one.sent, ...other.sent].sort()).toEqual(owed.sort());
});

test('a mail without an attempt left is given up, and the others are sent', async () => {
  const [bad = '', good = ''] = await owe(2);
  const { deps, sent: tried } = jobs((to) => (to === bad ? { result: 'retry', failure: '500 x' } : sent()));
  let now = Date.now();
  for (let time = 0; time < 6; time++) {
    await sendDue({ ...deps, now: () => new Date(now) });
    now += 3_600_000;
  }
  expect(tried.filter((to) => to === bad)).toHaveLength(3);
  expect(tried.filter((to) => to === good)).toHaveLength(1);
  const { rows } = await (await database.open()).query(
    'SELECT status FROM email_outbox WHERE recipient = $1',
    [bad],
  );
  expect(rows).toEqual([{ status: 'failed' }]);
});

test('one of two leads, and when its connection is gone the other one does', async () => {
  const connection = { connectionString: database.url, ssl: false };
  const [one, other] = [leader(connection), leader(connection)];
  expect(await one.isLeading()).toBe(true);
  expect(await one.isLeading()).toBe(true);
  expect(await other.isLeading()).toBe(false);
  const client = await database.open();
  await client.query(`
    SELECT pg_terminate_backend(pid, 60000) FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`);
  expect(await other.isLeading()).toBe(true);
  await expect.poll(() => one.isLeading()).toBe(false);
  await other.close();
  await expect.poll(() => one.isLeading()).toBe(true);
  await one.close();
});

test('whoever cannot reach Postgres does not lead', async () => {
  const nowhere = leader({ connectionString: 'postgresql://x:y@127.0.0.1:1/z', ssl: false });
  expect(await nowhere.isLeading()).toBe(false);
});
