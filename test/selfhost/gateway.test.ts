/** The gateway process on bad days: what a Worker sees while Postgres or Redis is away, slow or full. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type OwnDatabase, ownDatabase } from '../support/own-database.ts';
import { isRealRedisInstalled, redisServer } from '../support/real-redis.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-gateway-'));
const socketPath = join(folder, 'gateway.sock');
const token = 'x'.repeat(43);
const redis = isRealRedisInstalled() ? redisServer() : undefined;
let database: OwnDatabase;
let admin: Awaited<ReturnType<OwnDatabase['open']>>;
let gateway: ChildProcess;

const settings = () => ({
  GATEWAY_SOCKET: socketPath,
  GATEWAY_TOKEN: token,
  DATABASE_URL: database.url,
  POSTGRES_TLS: 'off',
  POSTGRES_POOL_SIZE: '2',
  DATABASE_TIMEOUT_MS: '1000',
  REDIS_URL: redis?.path ?? 'redis://127.0.0.1:1',
});

beforeAll(async () => {
  database = await ownDatabase();
  admin = await database.open();
  redis?.start();
  gateway = spawn(process.execPath, ['selfhost/gateway/main.ts'], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: settings(),
  });
  await vi.waitFor(() => post('/health', ''), { timeout: 60_000 });
});
afterAll(async () => {
  gateway.kill('SIGTERM');
  expect(await once(gateway, 'exit')).toEqual([0, null]);
  await redis?.remove();
  await database.drop();
  rmSync(folder, { recursive: true });
});

type Answer = { status: number; body: Record<string, unknown> & { rows?: string[][] } };

function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request(
      { socketPath, path, method: 'POST', headers: { Host: 'localhost', ...headers } },
      async (response) => {
        const said = await text(response);
        resolve({
          status: response.statusCode ?? 0,
          body: said.startsWith('{') ? JSON.parse(said) : { text: said },
        });
      },
    )
      .once('error', reject)
      .end(typeof body === 'string' ? body : JSON.stringify(body));
  });
}

const sql = (query: string, password = token) =>
  post(
    '/sql',
    { query, params: [] },
    {
      'Neon-Connection-String': `postgresql://api:${password}@db.gateway.internal/gatehouse?application_name=x`,
      'Neon-Raw-Text-Output': 'true',
      'Neon-Array-Mode': 'true',
    },
  );
const command = (...words: string[]) => post('/', words, { Authorization: `Bearer ${token}` });

test('whoever does not know the password of this start gets nothing, from either store', async () => {
  expect((await sql('SELECT 1', 'y'.repeat(43))).body).toMatchObject({ code: '28P01' });
  expect((await post('/', ['PING'], { Authorization: 'Bearer y' })).status).toBe(401);
  expect((await sql('SELECT 1')).body.rows).toEqual([['1']]);
});

test('a statement that takes too long is ended by Postgres', async () => {
  expect((await sql('SELECT pg_sleep(60)')).body).toMatchObject({ code: '57014' });
});

test('when all connections are taken the next request waits no longer than its Worker would', async () => {
  const taken = [sql('SELECT pg_sleep(0.9)'), sql('SELECT pg_sleep(0.9)')];
  const waiting = await Promise.all(Array.from({ length: 20 }, () => sql('SELECT pg_sleep(0.9)')));
  expect(new Set(waiting.map(({ status }) => status))).toContain(500);
  await Promise.all(taken);
  expect((await sql('SELECT 1')).body.rows).toEqual([['1']]);
});

test('a server that has no connection left says so, with its code', async () => {
  const { rows } = await admin.query('SELECT current_database() AS name');
  await admin.query(`ALTER DATABASE ${rows[0].name} WITH CONNECTION LIMIT 0`);
  // The limit does not count for a superuser.
  const role = `crowded_${randomUUID().replaceAll('-', '')}`;
  await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'crowded'`);
  const url = new URL(database.url);
  Object.assign(url, { username: role, password: 'crowded' });
  gateway.send({ settings: { ...settings(), DATABASE_URL: url.href } });
  await expect.poll(async () => (await sql('SELECT 1')).body.code).toBe('53300');
  await admin.query(`ALTER DATABASE ${rows[0].name} WITH CONNECTION LIMIT -1`);
  gateway.send({ settings: settings() });
  await expect.poll(async () => (await sql('SELECT 1')).status).toBe(200);
  await admin.query(`DROP ROLE ${role}`);
});

test('connections that Postgres has closed are replaced', async () => {
  await Promise.all([sql('SELECT 1'), sql('SELECT 1')]);
  await admin.query(
    'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  );
  await expect.poll(async () => (await sql('SELECT 1')).status).toBe(200);
  for (let time = 0; time < 5; time++) expect((await sql('SELECT 1')).status).toBe(200);
});

test('a reload loses no query that runs or waits', async () => {
  const before = Array.from({ length: 6 }, () => sql('SELECT pg_sleep(0.1)'));
  gateway.send({ settings: settings() });
  const after = Array.from({ length: 6 }, () => sql('SELECT 1'));
  for (const { status } of await Promise.all([...before, ...after])) expect(status).toBe(200);
  gateway.send({ settings: { ...settings(), POSTGRES_TLS: 'on', POSTGRES_CA_FILE: '/nowhere' } });
  expect((await sql('SELECT 1')).status).toBe(200);
});

test.skipIf(redis === undefined)(
  'Redis may go, come back and hang: a command fails soon, and works again',
  async () => {
    await expect.poll(async () => (await command('PING')).body.result).toBe('PONG');
    await redis?.stop();
    expect((await command('PING')).status).toBe(400);
    redis?.start();
    await expect.poll(async () => (await command('PING')).body.result).toBe('PONG');
    redis?.freeze();
    expect((await command('PING')).body.error).toBe('Redis did not answer in time');
    redis?.thaw();
    await expect.poll(async () => (await command('PING')).body.result).toBe('PONG');
  },
);

test('its health names what is down', async () => {
  expect((await post('/health', '')).body).toMatchObject({ postgres: 'ok', pool: { waiting: 0 } });
});
