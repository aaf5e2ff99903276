/** The gateway process on bad days: what a Worker sees while Postgres or Redis is away, slow or full. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGateway } from '../support/gateway.ts';
import { type OwnDatabase, ownDatabase } from '../support/own-database.ts';
import { isRealRedisInstalled, redisServer } from '../support/real-redis.ts';

const isRealRedisWanted = process.env.REAL_REDIS === 'required' || isRealRedisInstalled();
const redis = isRealRedisWanted ? redisServer() : undefined;
let database: OwnDatabase;
let admin: Awaited<ReturnType<OwnDatabase['open']>>;
let gateway: Awaited<ReturnType<typeof startGateway>>;

/** Patient: only a test about the time limit may meet it. */
const settings = (change: Record<string, string> = {}) => ({
  DATABASE_URL: database.url,
  POSTGRES_TLS: 'off',
  DATABASE_TIMEOUT_MS: '80000',
  REDIS_URL: redis?.path ?? 'redis://127.0.0.1:1',
  ...change,
});

beforeAll(async () => {
  database = await ownDatabase();
  admin = await database.open();
  redis?.start();
  gateway = await startGateway(settings());
});
afterAll(async () => {
  await gateway.stop();
  await redis?.remove();
  await database.drop();
});

const { sql, command } = {
  sql: (query: string, password?: string) => gateway.sql(query, password),
  command: (...words: string[]) => gateway.command(...words),
};

/** Connections of the gateway that wait for the lock that `admin` holds. */
const stuck = async () =>
  (
    await admin.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
  ).rowCount;
const LOCKED = 'SELECT pg_advisory_xact_lock(1)::text';

test('whoever does not know the password of this start gets nothing, from either store', async () => {
  expect((await sql('SELECT 1', 'y'.repeat(43))).body).toMatchObject({ code: '28P01' });
  expect((await gateway.post('/', ['PING'], { Authorization: 'Bearer y' })).status).toBe(401);
  expect((await sql('SELECT 1')).body.rows).toEqual([['1']]);
});

test('a statement that takes too long is ended by Postgres, and who waits for a connection waits no longer than its Worker would', async () => {
  await gateway.reload(settings({ DATABASE_TIMEOUT_MS: '500' }));
  await admin.query('SELECT pg_advisory_lock(1)');
  // Again, if opening the connection took that long already.
  await expect.poll(async () => (await sql(LOCKED)).body.code).toBe('57014');
  // Two connections, which are stuck for the whole time; for most of the others there is none.
  const answers = await Promise.all(Array.from({ length: 12 }, () => sql(LOCKED)));
  await admin.query('SELECT pg_advisory_unlock(1)');
  await gateway.reload(settings());
  const codes = answers.map(({ status, body }) => (status === 400 ? body.code : status));
  expect(codes.filter((code) => code !== '57014' && code !== 500)).toEqual([]);
  expect(codes).toContain(500);
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
  await gateway.reload(settings({ DATABASE_URL: url.href }));
  expect((await sql('SELECT 1')).body.code).toBe('53300');
  await admin.query(`ALTER DATABASE ${rows[0].name} WITH CONNECTION LIMIT -1`);
  await gateway.reload(settings());
  expect((await sql('SELECT 1')).status).toBe(200);
  await admin.query(`DROP ROLE ${role}`);
});

test('connections that Postgres has closed are replaced', async () => {
  await Promise.all([sql('SELECT 1'), sql('SELECT 1')]);
  await admin.query(
    'SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  );
  // One that it has not yet seen closed costs one request.
  await expect.poll(async () => (await sql('SELECT 1')).status).toBe(200);
  for (let time = 0; time < 5; time++) expect((await sql('SELECT 1')).status).toBe(200);
});

test('a reload loses no query that runs or waits; settings that cannot be used are refused', async () => {
  await admin.query('SELECT pg_advisory_lock(1)');
  const before = Array.from({ length: 2 }, () => sql(LOCKED));
  await expect.poll(stuck).toBe(2);
  before.push(...Array.from({ length: 4 }, () => sql('SELECT 1')));
  expect(await gateway.reload(settings())).toBe('gateway.reloaded');
  // With connections of their own, though the old ones are stuck.
  for (const { status } of await Promise.all(Array.from({ length: 6 }, () => sql('SELECT 1'))))
    expect(status).toBe(200);
  await admin.query('SELECT pg_advisory_unlock(1)');
  for (const { status } of await Promise.all(before)) expect(status).toBe(200);
  const unusable = settings({ POSTGRES_TLS: 'on', POSTGRES_CA_FILE: '/nowhere' });
  expect(await gateway.reload(unusable)).toBe('gateway.reload_refused');
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
  expect(await gateway.health()).toMatchObject({ postgres: 'ok', pool: { waiting: 0 } });
});
