/** What is over is forgotten, and nothing that still counts. That the role of the jobs Worker may: roles.test.ts. */
import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { readJobsConfig } from '../../src/config/read.ts';
import { forget } from '../../src/jobs/forget.ts';
import { openDb } from '../../src/store/db.ts';
import { type OwnDatabase, ownDatabase } from '../support/own-database.ts';

let database: OwnDatabase;
let owner: Client;

beforeAll(async () => {
  database = await ownDatabase();
  owner = await database.open();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await owner.query(
    'TRUNCATE users, security_events, revoked_sessions, failed_login_attempts, rate_limit_fallback CASCADE',
  );
});

const sweep = () => {
  const config = readJobsConfig({ ...inject('env'), DATABASE_URL: database.url });
  return forget({ db: openDb(config), config, now: () => new Date() });
};

const count = async (table: string) =>
  (await owner.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`)).rows[0]?.n;

/** A sign-up that ends so much from now. */
const signup = (end: string) =>
  owner.query(
    `INSERT INTO users (id, email, name, password_hash, password_changed_at, pending_expires_at, created_at)
     VALUES (gen_random_uuid(), 'ada@example.com', 'Ada', 'x', now(), now() + $1::interval, now())`,
    [end],
  );

/** An account whose session, code, link and event are all of that time. */
async function account(end: string): Promise<void> {
  const id = randomUUID();
  const when = `now() + '${end}'::interval`;
  await owner.query(`INSERT INTO users (id, email, name, password_hash, password_changed_at, email_verified_at, created_at)
    VALUES ('${id}', '${id}@example.com', 'Ada', 'x', now(), now(), now())`);
  await owner.query(`INSERT INTO user_sessions (id, user_id, secret_hash, last_used_at, idle_expires_at, expires_at, created_at)
    VALUES (gen_random_uuid(), '${id}', 'x', now(), now(), ${when}, now())`);
  await owner.query(`INSERT INTO verification_tokens (id, user_id, purpose, recipient_key, mail_id, key_id, code_mac, code_expires_at, expires_at, created_at)
    VALUES (gen_random_uuid(), '${id}', 'verify_email', 'x', gen_random_uuid(), 'k1', 'x', now(), ${when}, now())`);
  await owner.query(`INSERT INTO password_reset_tokens (id, user_id, recipient_key, key_id, expires_at, created_at)
    VALUES (gen_random_uuid(), '${id}', 'x', 'k1', ${when}, now())`);
  await owner.query(`INSERT INTO security_events (id, kind, user_id, occurred_at)
    VALUES (gen_random_uuid(), 'logout', '${id}', ${when})`);
  await owner.query(`INSERT INTO revoked_sessions VALUES (uuid_send(gen_random_uuid()), ${when})`);
}

test('what ended goes, what counts stays, and no account goes with it', async () => {
  await signup('-2 hours');
  await signup('1 hour');
  await account('-400 days');
  await account('1 day');
  expect(await sweep()).toEqual({
    accounts: 0,
    factors: 0,
    signups: 1,
    tokens: 2,
    sessions: 1,
    revocations: 1,
    events: 1,
    counters: 0,
  });
  expect(await count('users')).toBe(3);
  for (const table of [
    'user_sessions',
    'verification_tokens',
    'password_reset_tokens',
    'security_events',
    'revoked_sessions',
  ])
    expect(await count(table), table).toBe(1);
});

test('what ended within the hour stays, for a clock that is behind still finds it good', async () => {
  await signup('-50 minutes');
  await account('-50 minutes');
  expect(await sweep()).toMatchObject({ signups: 0, tokens: 0, sessions: 0, revocations: 0 });
  expect(await count('users')).toBe(2);
});

test('closed accounts go when their time has come, each with an event of its own', async () => {
  await owner.query(
    `INSERT INTO users (id, email, name, password_hash, password_changed_at, email_verified_at, created_at, disabled_at, deletion_due_at)
     SELECT gen_random_uuid(), n || '@example.com', 'Ada', 'x', now(), now(), now(), now(), now() + hours * interval '1 hour'
     FROM (VALUES (1, -2), (2, -1), (3, 1)) AS closed (n, hours)`,
  );
  expect(await sweep()).toMatchObject({ accounts: 2 });
  expect(await count('users')).toBe(1);
  expect(await count('security_events')).toBe(2);
});

test('the way back to an old address goes when nobody can take it any more', async () => {
  await account('1 day');
  await owner.query(
    `INSERT INTO email_change_undos (id, mail_id, user_id, email, expires_at, created_at)
     SELECT gen_random_uuid(), gen_random_uuid(), id, 'old@example.com', now() + hours * interval '1 hour', now()
     FROM users, (VALUES (-2), (1)) AS undo (hours)`,
  );
  expect(await sweep()).toMatchObject({ tokens: 1 });
  expect(await count('email_change_undos')).toBe(1);
});

test('a row that somebody holds is passed over without waiting, and goes the next time', async () => {
  await signup('-2 hours');
  await signup('-3 hours');
  const holder = await database.open();
  await holder.query('BEGIN');
  await holder.query(
    `SELECT FROM users WHERE pending_expires_at > now() - interval '150 minutes' FOR UPDATE`,
  );
  expect(await sweep()).toMatchObject({ accounts: 0, signups: 1 });
  await holder.query('ROLLBACK');
  expect(await sweep()).toMatchObject({ accounts: 0, signups: 1 });
  expect(await count('users')).toBe(0);
});

test('counters go when their time is over, though nobody comes who would count on', async () => {
  for (const end of ["now() - '2 hours'::interval", "now() + '1 hour'::interval", "'infinity'"]) {
    await owner.query(`INSERT INTO failed_login_attempts (key, owner_key, failures, in_a_row, window_ends_at, expires_at)
      SELECT uuid_send(gen_random_uuid()), '', 1, 1, now(), ${end} FROM generate_series(1, 5)`);
    await owner.query(`INSERT INTO rate_limit_fallback (key, count, expires_at)
      SELECT gen_random_uuid()::text, 1, ${end} FROM generate_series(1, 5)`);
  }
  expect(await sweep()).toMatchObject({ counters: 10 });
  for (const table of ['failed_login_attempts', 'rate_limit_fallback'])
    expect(await count(table), table).toBe(10);
});

test('two sweeps at once delete each row once', async () => {
  for (let n = 0; n < 20; n += 1) await signup('-2 hours');
  const swept = await Promise.all([sweep(), sweep(), sweep()]);
  expect(swept.map(({ signups = 0 }) => signups).reduce((sum, n) => sum + n)).toBeLessThanOrEqual(20);
  await sweep();
  expect(await count('users')).toBe(0);
});
