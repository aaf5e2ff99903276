/** A real Postgres behind Neon's protocol, a Redis behind Upstash's, and a queue that drops messages. All requests are counted. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { migratePostgres } from '../dev/migrate.ts';
import { inProcessRedis } from '../dev/redis.ts';
import { serveNeonHttp } from '../selfhost/gateway/neon-http.ts';
import { createPostgresExecutor, openPool } from '../selfhost/gateway/postgres.ts';
import { serveUpstash } from '../selfhost/gateway/upstash.ts';
import { startPostgres } from '../tooling/postgres-server.ts';
import { createTraffic } from './traffic.ts';

export type Stores = Awaited<ReturnType<typeof startStores>>;
export type Database = Awaited<ReturnType<Stores['database']>>;

export async function startStores() {
  const postgres = await startPostgres();
  const traffic = createTraffic();
  const executor = createPostgresExecutor();
  const neon = await serveNeonHttp({
    executor: {
      ...executor,
      run: (url, queries, transaction) =>
        traffic.pass('postgres', queries.length, () => executor.run(url, queries, transaction)),
    },
  });
  const redis = await serveUpstash({
    backend: await inProcessRedis(),
    beforeRun: (_, commands) => traffic.pass('redis', commands.length, () => undefined),
  });
  const queue = createServer((message, response) => {
    message.resume().once('end', () => traffic.pass('queue', 1, () => response.end('{}')));
  }).listen(0, '127.0.0.1');
  await once(queue, 'listening');
  const pools: ReturnType<typeof openPool>[] = [];

  /** A database of its own, migrated. */
  async function database(name: string) {
    const server = openPool(postgres.connectionString, 1);
    pools.push(server);
    await server.query(`CREATE DATABASE ${name}`);
    const url = new URL(`/${name}`, postgres.connectionString).href;
    await migratePostgres(url, false);
    const pool = openPool(url, 2);
    pools.push(pool);
    return { url, query: (text: string, values: unknown[] = []) => pool.query(text, values) };
  }

  return {
    traffic,
    database,
    queuePort: (queue.address() as AddressInfo).port,
    bindings: {
      NEON_HTTP_URL: neon.url,
      UPSTASH_REDIS_REST_URL: redis.url,
      UPSTASH_REDIS_REST_TOKEN: 'bench',
    },
    async close() {
      await Promise.all(pools.map((pool) => pool.end()));
      queue.close();
      queue.closeAllConnections();
      await Promise.all([neon.close(), redis.close()]);
      await executor.close();
      await postgres.stop();
    },
  };
}
