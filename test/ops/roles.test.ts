/** The roles of migrations/roles.sql: the journey runs under them, and nothing more. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { neonConfig } from '@neondatabase/serverless';
import { sql } from 'drizzle-orm';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { readMigrations, up } from '../../ops/migrations.ts';
import { isDatabaseUnavailable, openDb, sqlState } from '../../src/store/db.ts';
import { sweepEvents } from '../../src/store/events.ts';
import { sweepSessions, sweepSignups, sweepTokens } from '../../src/store/expiry.ts';
import { type OwnDatabase, ownDatabase } from '../support/own-database.ts';

let database: OwnDatabase;
const password = randomUUID();
const { NEON_HTTP_URL } = inject('env');

const urlOf = (role: string) => {
  const url = new URL(database.url);
  url.username = role;
  url.password = password;
  return url.href;
};

beforeAll(async () => {
  database = await ownDatabase();
  const owner = await database.open();
  await up(owner, readMigrations('migrations'));
  const script = readFileSync('migrations/roles.sql', 'utf8');
  await owner.query(script);
  await owner.query(script);
  for (const role of ['gatehouse_api', 'gatehouse_jobs'])
    await owner.query(`ALTER ROLE ${role} PASSWORD '${password}'`);
  await owner.query(`INSERT INTO users (id, email, name, password_hash, password_changed_at, email_verified_at, created_at)
    VALUES (gen_random_uuid(), 'ada@example.com', 'Ada', 'x', now(), now(), now())`);
  await owner.query(`INSERT INTO security_events (id, kind, user_id, occurred_at)
    SELECT gen_random_uuid(), 'logout', id, now() - interval '400 days' FROM users`);
});
afterAll(() => database.drop());

async function outcome(role: string, statement: string): Promise<string> {
  const client = new Client({ connectionString: urlOf(role) });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query(statement);
    await client.query('ROLLBACK');
    return 'allowed';
  } catch (error) {
    return String((error as { code?: string }).code);
  } finally {
    await client.end();
  }
}

const DENIED = '42501';
const api: [string, string][] = [
  ['SELECT * FROM users', 'allowed'],
  [
    `INSERT INTO security_events (id, kind, occurred_at) VALUES (gen_random_uuid(), 'logout', now())`,
    'allowed',
  ],
  ['DELETE FROM users', 'allowed'],
  [`UPDATE security_events SET kind = 'logout'`, DENIED],
  ['UPDATE security_events SET user_id = NULL, session_id = NULL, client = NULL', 'allowed'],
  ['DELETE FROM security_events', DENIED],
  ['TRUNCATE security_events', DENIED],
  ['DROP TABLE users', DENIED],
  ['ALTER TABLE users ADD COLUMN x int', DENIED],
  ['CREATE TABLE x (id int)', DENIED],
  ['SELECT * FROM drizzle.__drizzle_migrations', DENIED],
  [`COPY users TO PROGRAM 'cat'`, DENIED],
  ['CREATE ROLE mallory', DENIED],
];
test.each(api)('the API role: %s: %s', async (statement, expected) => {
  expect(await outcome('gatehouse_api', statement)).toBe(expected);
});

test.each([
  [`UPDATE email_outbox SET status = 'sent'`, 'allowed'],
  ['DELETE FROM users WHERE pending_expires_at < now()', 'allowed'],
  [`UPDATE users SET password_hash = 'mine'`, DENIED],
  [`UPDATE user_sessions SET expires_at = now()`, DENIED],
  [`UPDATE password_reset_tokens SET id = gen_random_uuid()`, DENIED],
  [`UPDATE security_events SET kind = 'logout'`, DENIED],
  ['DROP TABLE users', DENIED],
])('the jobs role: %s: %s', async (statement, expected) => {
  expect(await outcome('gatehouse_jobs', statement)).toBe(expected);
});

test('the jobs role sweeps, and the API role cannot', async () => {
  const db = (role: string) =>
    openDb({ databaseUrl: urlOf(role), neonHttpUrl: NEON_HTTP_URL, databaseTimeoutMs: 2_500 });
  await expect(sweepEvents(db('gatehouse_api'), new Date(), 365)).rejects.toSatisfy(
    (error) => sqlState(error) === DENIED,
  );
  expect(await sweepEvents(db('gatehouse_jobs'), new Date(), 365)).toBe(1);
  for (const sweep of [sweepSignups, sweepTokens, sweepSessions])
    expect(await sweep(db('gatehouse_jobs'), new Date()), sweep.name).toBe(0);
});

test('a statement that takes too long is ended by the database itself, and that reads as unavailable', async () => {
  neonConfig.fetchEndpoint = NEON_HTTP_URL;
  const db = openDb({
    databaseUrl: urlOf('gatehouse_api'),
    neonHttpUrl: NEON_HTTP_URL,
    databaseTimeoutMs: 10_000,
  });
  const started = performance.now();
  const error: unknown = await db.execute(sql`SELECT pg_sleep(10)`).catch((thrown: unknown) => thrown);
  expect(performance.now() - started).toBeLessThan(5_000);
  expect(sqlState(error)).toBe('57014');
  expect(isDatabaseUnavailable(error)).toBe(true);
});
