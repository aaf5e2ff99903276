/** A real Postgres behind Neon's protocol and a Redis behind Upstash's, each with a delay that can be set, and its trips counted. */
import { setTimeout as sleep } from 'node:timers/promises';
import { migratePostgres } from '../dev/migrate.ts';
import { inProcessRedis, serveUpstash } from '../dev/upstash.ts';
import { serveNeonHttp } from '../tooling/neon-http.ts';
import { createPostgresExecutor, openPool } from '../tooling/postgres.ts';
import { startPostgres } from '../tooling/postgres-server.ts';

export type Stores = Awaited<ReturnType<typeof startStores>>;

export async function startStores() {
  const postgres = await startPostgres();
  const databaseUrl = postgres.connectionString;
  await migratePostgres(databaseUrl, false);
  /** Milliseconds that a trip takes on its way, and how many there were. */
  const state = { delayMs: 0, postgres: 0, redis: 0 };
  const trip = async (store: 'postgres' | 'redis') => {
    state[store] += 1;
    if (state.delayMs > 0) await sleep(state.delayMs);
    return undefined;
  };
  const executor = createPostgresExecutor();
  const neon = await serveNeonHttp({ executor, beforeRun: () => trip('postgres') });
  const redis = await serveUpstash({ backend: await inProcessRedis(), beforeRun: () => trip('redis') });
  const pool = openPool(databaseUrl, 2);
  return {
    state,
    bindings: {
      DATABASE_URL: databaseUrl,
      NEON_HTTP_URL: neon.url,
      UPSTASH_REDIS_REST_URL: redis.url,
      UPSTASH_REDIS_REST_TOKEN: 'bench',
    },
    query: (text: string, values: unknown[]) => pool.query(text, values),
    async close() {
      await pool.end();
      await Promise.all([neon.close(), redis.close()]);
      await executor.close();
      await postgres.stop();
    },
  };
}
