/** The roles of migrations/roles.sql: every statement of the store runs under its own, and nothing more does. */
import { randomUUID } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { neonConfig } from '@neondatabase/serverless';
import { sql } from 'drizzle-orm';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { importVerbs } from '../../dev/import-verbs.ts';
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
  for (const role of ['gatehouse_api', 'gatehouse_jobs', 'gatehouse_admin'])
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
  ['SELECT * FROM admin_acts', DENIED],
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
    `INSERT INTO email_outbox (id, kind, recipient, created_at) VALUES (gen_random_uuid(), 'account_deleted', 'x@example.com', now())`,
    DENIED,
  ],
  [`INSERT INTO mail_suppressions VALUES ('ada@example.com', 'bounced', now())`, DENIED],
  ['DROP TABLE users', DENIED],
])('the jobs role: %s: %s', async (statement, expected) => {
  expect(await outcome('gatehouse_jobs', statement)).toBe(expected);
});

test.each([
  [`UPDATE users SET disabled_at = now(), disabled_by = 'bob'`, 'allowed'],
  ['DELETE FROM users', 'allowed'],
  ['SELECT password_hash FROM users', DENIED],
  [`UPDATE users SET password_hash = 'mine'`, DENIED],
  [`UPDATE users SET email = 'mine@example.com'`, DENIED],
  ['SELECT secret_hash FROM user_sessions', DENIED],
  ['UPDATE user_sessions SET expires_at = now()', DENIED],
  ['SELECT code_mac FROM verification_tokens', DENIED],
  ['SELECT sealed FROM totp_factors', DENIED],
  ['INSERT INTO users (id) VALUES (gen_random_uuid())', DENIED],
  [
    `INSERT INTO email_outbox (id, kind, user_id, recipient, created_at)
     SELECT gen_random_uuid(), 'reset_password', id, 'mallory@example.com', now() FROM users`,
    DENIED,
  ],
  ['UPDATE email_outbox SET recipient = NULL', DENIED],
  [`UPDATE security_events SET kind = 'logout'`, DENIED],
  [`UPDATE admin_acts SET operator = 'eve'`, DENIED],
  ['DELETE FROM admin_acts', DENIED],
])('the role of operators: %s: %s', async (statement, expected) => {
  expect(await outcome('gatehouse_admin', statement)).toBe(expected);
});

test('a mail that an operator causes goes to the address of the person', async () => {
  const owner = await database.open();
  await owner.query(`INSERT INTO email_outbox (id, kind, user_id, created_at)
    SELECT gen_random_uuid(), 'reset_password', id, now() FROM users`);
  const { rows } = await owner.query(
    'SELECT recipient, email FROM email_outbox o JOIN users u ON u.id = o.user_id',
  );
  expect(rows.length).toBeGreaterThan(0);
  for (const { recipient, email } of rows) expect(recipient).toBe(email);
});

const dbOf = (role: string) =>
  openDb({ databaseUrl: urlOf(role), neonHttpUrl: NEON_HTTP_URL, databaseTimeoutMs: 60_000 });

/** What each Worker imports of the store; what only `npm run mail` calls runs as the owner. */
const importedBy = (files: string) =>
  globSync(files).flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/import \{([^}]+)\} from '[./]+(?:src\/)?store\//g)].flatMap(
      ([, names = '']) => names.split(',').map((name) => name.replace(/ as .*/s, '').trim()),
    ),
  );
const ofJobs = importedBy('{src/jobs,selfhost/jobs}/*.ts').filter((name) => name in verbs);
const ofAdmin = importedBy('src/admin/*.ts').filter((name) => name in verbs);
const ofApi = importedBy('src/{account,factor,session,password,webhook,guard,http}/*.ts').filter(
  (name) => name in verbs,
);

test('every verb of the store is one of the API, of the jobs Worker, of the admin Worker, or of an operator', () => {
  const operators = [...BY_HAND, ...Object.keys(importVerbs), 'liftSuppression'];
  expect([...new Set([...ofJobs, ...ofApi, ...ofAdmin, ...operators])].sort()).toEqual(
    Object.keys(verbs).sort(),
  );
  for (const [one, other] of [
    [ofJobs, ofApi],
    [ofAdmin, ofApi],
    [ofAdmin, ofJobs],
  ] as const)
    expect(one.filter((name) => other.includes(name))).toEqual([]);
});

test.each([
  ['gatehouse_api', ofApi],
  ['gatehouse_jobs', ofJobs],
  ['gatehouse_admin', ofAdmin],
])('%s may run all of its statements', async (role, names) => {
  expect(names.length).toBeGreaterThan(5);
  for (const name of new Set(names)) await expect(verbs[name]?.(dbOf(role)), name).resolves.not.toThrow();
});

/** S(elect), I(nsert), U(pdate), D(elete); a small letter: of some columns only. */
const RIGHTS = {
  admin_acts: { api: null, jobs: null, admin: 'SI' },
  email_outbox: { api: 'SIU', jobs: 'SiUD', admin: 'Si' },
  email_change_undos: { api: 'SIUD', jobs: 'SuD', admin: 'S' },
  factor_removals: { api: null, jobs: 'SuD', admin: 'SID' },
  failed_login_attempts: { api: 'SIUD', jobs: 'SuD', admin: 'suD' },
  import_rejects: { api: null, jobs: null, admin: null },
  import_runs: { api: null, jobs: null, admin: null },
  mail_suppressions: { api: 'SIUD', jobs: 'SD', admin: 'SIUD' },
  password_reset_tokens: { api: 'SIUD', jobs: 'SuD', admin: 'siuD' },
  passkeys: { api: 'SIUD', jobs: 'sD', admin: 's' },
  rate_limit_fallback: { api: 'SIUD', jobs: 'SuD', admin: null },
  recovery_codes: { api: 'SIUD', jobs: 'sD', admin: 's' },
  revoked_sessions: { api: 'S', jobs: 'SD', admin: 'SIu' },
  security_events: { api: 'SI', jobs: 'SID', admin: 'SI' },
  totp_factors: { api: 'SIUD', jobs: 'sD', admin: 's' },
  user_sessions: { api: 'SIU', jobs: 'SuD', admin: 'su' },
  users: { api: 'SIUD', jobs: 'SuD', admin: 'suD' },
  verification_tokens: { api: 'SIUD', jobs: 'SuD', admin: 'suD' },
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
    `SELECT relname AS name, ${rightsOf('gatehouse_api')} AS api, ${rightsOf('gatehouse_jobs')} AS jobs,
       ${rightsOf('gatehouse_admin')} AS admin
     FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname`,
  );
  expect(Object.fromEntries(rows.map(({ name, ...rights }) => [name, rights]))).toEqual(RIGHTS);
});

test('a statement that takes too long is ended by the database itself, and that reads as unavailable', async () => {
  neonConfig.fetchEndpoint = NEON_HTTP_URL;
  const db = openDb({
    databaseUrl: urlOf('gatehouse_api'),
    neonHttpUrl: NEON_HTTP_URL,
    databaseTimeoutMs: 80_000,
  });
  const error: unknown = await db.execute(sql`SELECT pg_sleep(80)`).catch((thrown: unknown) => thrown);
  expect(sqlState(error)).toBe('57014');
  expect(isDatabaseUnavailable(error)).toBe(true);
});
