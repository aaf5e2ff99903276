/** The roles of migrations/roles.sql: every statement of the store runs under its own, and nothing more does. */
import { randomUUID } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { neonConfig } from '@neondatabase/serverless';
import { sql } from 'drizzle-orm';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { verbs } from '../../dev/store-verbs.ts';
import { BY_HAND } from '../../dev/upkeep-verbs.ts';
import { isDatabaseUnavailable, openDb, sqlState } from '../../src/store/db.ts';
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
  ['UPDATE security_events SET user_id = NULL, session_id = NULL, client = NULL', DENIED],
  ['DELETE FROM security_events', DENIED],
  ['DELETE FROM mail_suppressions', 'allowed'],
  ['DELETE FROM email_outbox', DENIED],
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
  [`UPDATE failed_login_attempts SET failures = 0`, DENIED],
  [
    `INSERT INTO email_outbox (id, kind, created_at) VALUES (gen_random_uuid(), 'account_deleted', now())`,
    DENIED,
  ],
  [`INSERT INTO mail_suppressions VALUES ('ada@example.com', 'bounced', now())`, DENIED],
  ['DROP TABLE users', DENIED],
])('the jobs role: %s: %s', async (statement, expected) => {
  expect(await outcome('gatehouse_jobs', statement)).toBe(expected);
});

const dbOf = (role: string) =>
  openDb({ databaseUrl: urlOf(role), neonHttpUrl: NEON_HTTP_URL, databaseTimeoutMs: 5_000 });

/** What each Worker imports of the store; what only `npm run mail` calls runs as the owner. */
const importedBy = (files: string) =>
  globSync(files).flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/import \{([^}]+)\} from '[./]+store\//g)].flatMap(
      ([, names = '']) => names.split(',').map((name) => name.replace(/ as .*/s, '').trim()),
    ),
  );
const ofJobs = importedBy('src/jobs/*.ts').filter((name) => name in verbs);
const ofApi = importedBy('src/{account,session,password,webhook,guard,http}/*.ts').filter(
  (name) => name in verbs,
);

test('every verb of the store is one of the API, of the jobs Worker, or of an operator', () => {
  const operators = [...BY_HAND, 'liftSuppression'];
  expect([...new Set([...ofJobs, ...ofApi, ...operators])].sort()).toEqual(Object.keys(verbs).sort());
  expect(ofJobs.filter((name) => ofApi.includes(name))).toEqual([]);
});

test.each([
  ['gatehouse_api', ofApi],
  ['gatehouse_jobs', ofJobs],
])('%s may run all of its statements', async (role, names) => {
  expect(names.length).toBeGreaterThan(5);
  for (const name of new Set(names)) await expect(verbs[name]?.(dbOf(role)), name).resolves.not.toThrow();
});

/** S(elect), I(nsert), U(pdate), D(elete); a small letter: of some columns only. */
const RIGHTS = {
  admin_acts: { api: null, jobs: null },
  email_outbox: { api: 'SIU', jobs: 'SUD' },
  email_change_undos: { api: 'SIUD', jobs: 'SuD' },
  factor_removals: { api: null, jobs: null },
  failed_login_attempts: { api: 'SIUD', jobs: 'SuD' },
  mail_suppressions: { api: 'SIUD', jobs: 'SD' },
  password_reset_tokens: { api: 'SIUD', jobs: 'SuD' },
  passkeys: { api: 'SIUD', jobs: null },
  rate_limit_fallback: { api: 'SIUD', jobs: 'SuD' },
  recovery_codes: { api: 'SIUD', jobs: null },
  revoked_sessions: { api: 'S', jobs: 'SD' },
  security_events: { api: 'SI', jobs: 'SID' },
  totp_factors: { api: 'SIUD', jobs: null },
  user_sessions: { api: 'SIU', jobs: 'SuD' },
  users: { api: 'SIUD', jobs: 'SuD' },
  verification_tokens: { api: 'SIUD', jobs: 'SuD' },
};

test('each role has on each table what it needs, and nothing else', async () => {
  const rightsOf = (role: string) => `(
    SELECT string_agg(CASE WHEN has_table_privilege('${role}', oid, command) THEN letter ELSE lower(letter) END, '' ORDER BY place)
    FROM (VALUES (1, 'SELECT', 'S'), (2, 'INSERT', 'I'), (3, 'UPDATE', 'U'), (4, 'DELETE', 'D'), (5, 'TRUNCATE', 'T'),
      (6, 'REFERENCES', 'R'), (7, 'TRIGGER', 'G')) AS one (place, command, letter)
    WHERE has_table_privilege('${role}', oid, command)
      OR (place IN (1, 2, 3, 6) AND has_any_column_privilege('${role}', oid, command)))`;
  const owner = await database.open();
  const { rows } = await owner.query(
    `SELECT relname AS name, ${rightsOf('gatehouse_api')} AS api, ${rightsOf('gatehouse_jobs')} AS jobs
     FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname`,
  );
  expect(Object.fromEntries(rows.map(({ name, ...rights }) => [name, rights]))).toEqual(RIGHTS);
});

test('a statement that takes too long is ended by the database itself, and that reads as unavailable', async () => {
  neonConfig.fetchEndpoint = NEON_HTTP_URL;
  const db = openDb({
    databaseUrl: urlOf('gatehouse_api'),
    neonHttpUrl: NEON_HTTP_URL,
    databaseTimeoutMs: 10_000,
  });
  const error: unknown = await db.execute(sql`SELECT pg_sleep(10)`).catch((thrown: unknown) => thrown);
  expect(sqlState(error)).toBe('57014');
  expect(isDatabaseUnavailable(error)).toBe(true);
});
