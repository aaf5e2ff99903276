/**
 * The gateway process: Neon's and Upstash's protocols on one socket in a folder, over a pool of connections to
 * Postgres and one to Redis. The message `settings` of the supervisor replaces both connections, and with them
 * passwords and certificates, while it answers.
 */
import { timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeLog } from '../../src/ports/log.ts';
import { serveSocket } from '../../tooling/loopback.ts';
import { answerNeon, type Executor, PostgresError } from './neon-http.ts';
import { createPostgresExecutor, withoutTlsParameters } from './postgres.ts';
import { redisBackend } from './redis.ts';
import { answerUpstash } from './upstash.ts';

type Values = NodeJS.Dict<string>;

/** The limiter of a Worker waits for less. */
const REDIS_MS = 2_000;

const { GATEWAY_SOCKET = '' } = process.env;
let stores = openStores(process.env);

/** Chosen when a query begins, so that none comes to a pool that is closing. */
const executor: Executor = {
  run: (...query) => stores.executor.run(...query),
  close: async () => {},
};

const served = await serveSocket((request) => {
  const { pathname } = new URL(request.url);
  if (pathname === '/health') return stores.health();
  return pathname === '/sql' ? answerNeon(request, { executor }) : stores.redis(request);
}, GATEWAY_SOCKET);

process.on('message', ({ settings }: { settings: Values }) => {
  const before = stores;
  try {
    stores = openStores(settings);
  } catch (error) {
    writeLog('info', 'error', { event: 'gateway.reload_refused', reason: (error as Error).message });
    return;
  }
  writeLog('info', 'info', { event: 'gateway.reloaded' });
  void before.close();
});
process.once('SIGTERM', () => void served.close().then(() => process.exit(0)));
// Without its supervisor nobody would ask it anything.
process.once('disconnect', () => process.exit(1));

function openStores(values: Values) {
  const { POSTGRES_TLS, POSTGRES_CA_FILE, REDIS_CA_FILE, GATEWAY_TOKEN = '' } = values;
  const ca = (file: string | undefined) => (file ? readFileSync(file, 'utf8') : undefined);
  const timeoutMs = Number(values.DATABASE_TIMEOUT_MS);
  const trusted = ca(POSTGRES_CA_FILE);
  const postgres = createPostgresExecutor({
    size: Number(values.POSTGRES_POOL_SIZE),
    // The Worker gives up after this time. What it no longer waits for must not begin.
    waitMs: timeoutMs,
    statementMs: timeoutMs,
    tls: POSTGRES_TLS !== 'off' && (trusted === undefined || { ca: trusted }),
  });
  const database = withoutTlsParameters(values.DATABASE_URL ?? '');
  const backend = redisBackend({ url: values.REDIS_URL ?? '', timeoutMs: REDIS_MS, ca: ca(REDIS_CA_FILE) });
  return {
    executor: onlyFor(GATEWAY_TOKEN, database, postgres),
    redis: answerUpstash({ backend, token: GATEWAY_TOKEN }),
    async health() {
      const up = (asked: Promise<unknown>) =>
        asked.then(
          () => 'ok',
          () => 'down',
        );
      const [inPostgres, inRedis] = await Promise.all([
        up(postgres.run(database, [{ query: 'SELECT 1', params: [] }], null)),
        up(backend.command('PING')),
      ]);
      return Response.json({ postgres: inPostgres, redis: inRedis, pool: postgres.load() });
    },
    async close() {
      // A pool that ends forgets who waits for a connection, and waits for statements that run.
      while (postgres.load().waiting > 0) await sleep(50);
      await postgres.close();
      await sleep(REDIS_MS);
      backend.close();
    },
  };
}

/** Whoever reaches the socket must know the password that the supervisor has made, and gets one database by it. */
function onlyFor(token: string, database: string, executor: Executor): Executor {
  return {
    ...executor,
    run(url, queries, transaction) {
      if (!isSame(URL.parse(url)?.password ?? '', token))
        throw new PostgresError({ message: 'wrong password', code: '28P01', severity: 'FATAL' });
      return executor.run(database, queries, transaction);
    },
  };
}

const isSame = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
