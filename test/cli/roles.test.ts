/** `npm run roles` on a server of its own: roles belong to the whole server. */
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readMigrations, up } from '../../tooling/migrations.ts';
import { type PostgresServer, startPostgres } from '../../tooling/postgres-server.ts';
import { cli, cliProcess } from '../support/cli.ts';

let server: PostgresServer;
let owner: Client;
beforeAll(async () => {
  server = await startPostgres();
  owner = new Client({ connectionString: server.connectionString });
  await owner.connect();
  await up(owner, readMigrations('migrations'));
});
afterAll(async () => {
  await owner.end();
  await server.stop();
});

type Made = { role: string; isNew: boolean; databaseUrl: string | null }[];
const roles = (words: string[] = [], input = '', run = cli) =>
  run(['roles', ...words], { env: { DATABASE_URL: server.connectionString }, input });
const made = async (words: string[] = [], input = '', run = cli) =>
  JSON.parse((await roles([...words, '--json'], input, run)).stdout) as Made;

/** What a statement says to whoever has that connection string. */
async function ask(url: string | null | undefined, statement: string): Promise<unknown> {
  const client = new Client({ connectionString: url ?? '' });
  client.on('error', () => {});
  try {
    await client.connect();
    return Object.values((await client.query(statement)).rows[0] ?? {})[0];
  } catch (error) {
    return (error as { code?: string }).code;
  } finally {
    await client.end();
  }
}
const WRONG_PASSWORD = '28P01';
const DENIED = '42501';

let first: Made;
test('a role that is new is given a password, and the connection string is printed once', async () => {
  first = await made();
  expect(first.map(({ role, isNew }) => [role, isNew])).toEqual([
    ['gatehouse_api', true],
    ['gatehouse_jobs', true],
    ['gatehouse_admin', true],
  ]);
  for (const { role, databaseUrl } of first) {
    expect(await ask(databaseUrl, 'SELECT current_user')).toBe(role);
    expect(await ask(databaseUrl, 'SHOW lock_timeout')).toBe('2s');
    expect(await ask(databaseUrl, 'SELECT count(*)::int FROM users')).toBe(0);
  }
  const again = await roles();
  expect(again).toMatchObject({ status: 0, stderr: '' });
  expect(again.stdout).not.toContain('postgresql:');
});

test('running it again brings the rights back to what they were, and leaves the passwords', async () => {
  await owner.query('CREATE TABLE private (id int)');
  await owner.query('GRANT ALL ON ALL TABLES IN SCHEMA public TO gatehouse_api');
  await owner.query('GRANT UPDATE (kind) ON security_events TO gatehouse_api');
  await owner.query('GRANT SELECT ON private TO PUBLIC');
  await owner.query('ALTER ROLE gatehouse_api SET lock_timeout = 0');
  expect((await made()).map(({ databaseUrl }) => databaseUrl)).toEqual([null, null, null]);
  const api = first[0]?.databaseUrl;
  expect(await ask(api, 'SHOW lock_timeout')).toBe('2s');
  for (const statement of [
    'TRUNCATE users CASCADE',
    `UPDATE security_events SET kind = 'logout'`,
    'SELECT count(*) FROM private',
  ])
    expect(await ask(api, statement), statement).toBe(DENIED);
});

test('new passwords replace those in use, made or given', async () => {
  const second = await made(['--new-passwords']);
  expect(await ask(first[0]?.databaseUrl, 'SELECT 1')).toBe(WRONG_PASSWORD);
  expect(await ask(second[0]?.databaseUrl, 'SELECT 1')).toBe(1);
  const password = `it's-"quoted"-\\and-long-enough`;
  const lines = `GATEHOUSE_API_PASSWORD=\`${password}\`\nGATEHOUSE_JOBS_PASSWORD=${'j'.repeat(30)}\nGATEHOUSE_ADMIN_PASSWORD=${'a'.repeat(30)}\n`;
  const third = await made(['--passwords-from', '-'], lines);
  expect(decodeURIComponent(new URL(third[0]?.databaseUrl ?? '').password)).toBe(password);
  for (const { databaseUrl } of third) expect(await ask(databaseUrl, 'SELECT 1')).toBe(1);
});

test('two at once agree on one password', async () => {
  await owner.query('DROP OWNED BY gatehouse_api, gatehouse_jobs, gatehouse_admin');
  await owner.query('DROP ROLE gatehouse_api, gatehouse_jobs, gatehouse_admin');
  const both = await Promise.all([1, 2].map(() => made([], '', cliProcess)));
  const urls = both.flat().flatMap(({ databaseUrl }) => databaseUrl ?? []);
  expect(urls).toHaveLength(3);
  for (const url of urls) expect(await ask(url, 'SELECT 1')).toBe(1);
});

test.each([
  ['an empty pipe', ['--passwords-from', '-'], '', 1, 'There are no values'],
  [
    'one password of three',
    ['--passwords-from', '-'],
    `GATEHOUSE_API_PASSWORD=${'secret-marker'.repeat(3)}\n`,
    1,
    'GATEHOUSE_JOBS_PASSWORD is missing',
  ],
  ['a short one', ['--passwords-from', '-'], 'GATEHOUSE_API_PASSWORD=secret-marker\n', 1, 'shorter than 24'],
  ['both ways at once', ['--passwords-from', '-', '--new-passwords'], '', 2, 'say --new-passwords or'],
])('%s is refused and changes nothing', async (_, words, input, status, fault) => {
  const before = await owner.query('SELECT rolname, rolpassword FROM pg_authid ORDER BY 1');
  const ended = await roles(words, input);
  expect(ended).toMatchObject({ status, stdout: '' });
  expect(ended.stderr).toContain(fault);
  expect(ended.stderr).not.toContain('secret-marker');
  expect((await owner.query('SELECT rolname, rolpassword FROM pg_authid ORDER BY 1')).rows).toEqual(
    before.rows,
  );
});

test('the password of a failed attempt is in no message', async () => {
  await owner.query('ALTER TABLE users RENAME TO people');
  const ended = await roles(['--new-passwords']);
  await owner.query('ALTER TABLE people RENAME TO users');
  expect(ended).toMatchObject({ status: 1, stdout: '' });
  expect(ended.stderr).toMatch(
    /^The roles were not made and nothing was changed: relation "users" does not exist\.\n$/,
  );
});
