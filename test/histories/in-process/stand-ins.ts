/** Neon's endpoint, Upstash's and the control server in the process of the app; Postgres alone is another. */
import { createHash } from 'node:crypto';
import { inject } from 'vitest';
import { inProcessRedis } from '../../../dev/redis.ts';
import { type Executor, serveNeonHttp } from '../../../selfhost/gateway/neon-http.ts';
import { createPostgresExecutor } from '../../../selfhost/gateway/postgres.ts';
import { serveUpstash } from '../../../selfhost/gateway/upstash.ts';
import { serveControl } from '../../support/control.ts';
import { recordingExecutor } from '../../support/statements.ts';

const env = inject('env');
const { executor, routes } = recordingExecutor(planningOnce(createPostgresExecutor()));
const control = await serveControl(env.DATABASE_URL, routes);
const neon = await serveNeonHttp({ executor, beforeRun: control.beforeRun });
const redis = await serveUpstash({ backend: await inProcessRedis(), beforeRun: control.beforeRedis });
Object.assign(env, {
  CONTROL_URL: control.url,
  NEON_HTTP_URL: neon.url,
  UPSTASH_REDIS_REST_URL: redis.url,
});

/** The same few texts come thousands of times: to parse and plan them was half of the database's work. */
function planningOnce(executor: Executor): Executor {
  return {
    ...executor,
    run(connectionString, queries, transaction) {
      const named = queries.map((one) => ({
        ...one,
        name: createHash('sha1').update(one.query).digest('hex'),
      }));
      return executor.run(connectionString, named, transaction);
    },
  };
}
