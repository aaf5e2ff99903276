/**
 * What a test in workerd cannot see or touch from there, over HTTP: how often an app went to the database and what it
 * did there, a fault between that app and the database, and SQL past the app. Apps are told apart by the
 * `application_name` of their connection string, so that test files running side by side do not meet; their
 * Redis goes by `redis:` before that name.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Hono } from 'hono';
import { DatabaseError, type Pool } from 'pg';
import { seeded } from '../../dev/mailbox-faults.ts';
import { PostgresError, type Query, type Spoil } from '../../selfhost/gateway/neon-http.ts';
import { openPool } from '../../selfhost/gateway/postgres.ts';
import { Hangup, type Served, serveLoopback } from '../../tooling/loopback.ts';
import { breachRangeApi } from './breach-range.ts';
import { createDatabase } from './databases.ts';
import { importRoute } from './import-route.ts';
import { sentry } from './sentry.ts';

/** `queries` holds the first line of each statement, or the name of each Redis command; a batch is one trip of several. */
export type Trips = { count: number; queries: string[] };

/**
 * `refuse` is a database that is down, `hang` one that never answers, `late` one that does the work once the fault is
 * cleared, five characters an SQLSTATE it raises. `stall` and `cut` do the work and send half of the answer, then nothing
 * more, or the end of the connection. It befalls every request, or the first `times` after `skip` and `next` another one
 * those that follow, or each with probability `rate`, drawn alike in every run.
 */
export type Fault = {
  delayMs?: number;
  fail?: 'refuse' | 'hang' | 'late' | 'stall' | 'cut' | (string & {});
  times?: number;
  next?: Fault;
  skip?: number;
  rate?: number;
};

type Control = Served & {
  beforeRun(request: { connectionString: string; queries: Query[] }): Promise<Spoil | undefined>;
  beforeRedis(token: string, commands: unknown[][]): Promise<Spoil | undefined>;
};
/** `database` is a connection string. */
type Sql = { database: string; query: string; params: unknown[] };

type Drawn = Fault & { draw: () => number };

/** What comes late is held until the fault is cleared, and then let go one after the other: `last` ends with the last. */
type Held = { cleared: PromiseWithResolvers<void>; last: Promise<void> };
type State = { trips: Map<string, Trips>; faults: Map<string, Drawn>; late: Map<string, Held> };

export async function serveControl(connectionString: string, recorder: Hono): Promise<Control> {
  const pools = new Map<string, Pool>();
  const poolOf = (url: string) => {
    const pool = pools.get(url) ?? openPool(url, 5);
    pools.set(url, pool);
    return pool;
  };
  const state: State = { trips: new Map(), faults: new Map(), late: new Map() };
  const app = new Hono()
    .route('/', steering(state))
    .route('/', sentry())
    .route('/', importRoute())
    .route('/', recorder)
    .route('/breach', breachRangeApi())
    .route('/', databaseAccess(poolOf, connectionString));
  const served = await serveLoopback((request) => app.fetch(request), 0);
  return {
    url: served.url,
    beforeRun: ({ connectionString, queries }) =>
      meet(
        state,
        new URL(connectionString).searchParams.get('application_name') ?? '',
        queries.map(({ query }) => query.trim().split('\n', 1)[0] ?? ''),
      ),
    // The token of a Gatehouse under test is its name.
    beforeRedis: (token, commands) =>
      meet(
        state,
        `redis:${token}`,
        commands.map(([name]) => String(name)),
      ),
    async close() {
      await served.close();
      await Promise.all([...pools.values()].map((pool) => pool.end()));
    },
  };
}

function steering({ trips, faults, late }: State): Hono {
  return new Hono()
    .get('/trips/:app', (c) => c.json(trips.get(c.req.param('app')) ?? { count: 0, queries: [] }))
    .delete('/trips/:app', (c) => c.json(trips.delete(c.req.param('app'))))
    .put('/faults/:app', async (c) => {
      faults.set(c.req.param('app'), { ...(await c.req.json<Fault>()), draw: seeded(1) });
      return c.json(true);
    })
    .delete('/faults/:app', (c) => {
      const app = c.req.param('app');
      late.get(app)?.cleared.resolve();
      late.delete(app);
      return c.json(faults.delete(app));
    });
}

function databaseAccess(poolOf: (url: string) => Pool, connectionString: string): Hono {
  return new Hono()
    .post('/sql', async (c) => {
      const { database, query, params } = await c.req.json<Sql>();
      return c.json((await poolOf(database).query(query, params)).rows);
    })
    .post('/databases', async (c) => c.json(await createDatabase(connectionString)))
    .onError((error, c) => {
      const code = error instanceof DatabaseError ? `${error.code}: ` : '';
      return c.json({ message: code + error.message }, 400);
    });
}

/** Counts a request of the app under test on its way to the database or to Redis, and lets a fault befall it. */
async function meet(state: State, app: string, firstLines: string[]): Promise<Spoil | undefined> {
  const { trips, faults } = state;
  const seen = trips.get(app) ?? { count: 0, queries: [] };
  trips.set(app, { count: seen.count + 1, queries: [...seen.queries, ...firstLines] });

  const fault = faults.get(app);
  if (!fault || (fault.rate !== undefined && fault.draw() >= fault.rate)) return undefined;
  if (fault.skip) {
    faults.set(app, { ...fault, skip: fault.skip - 1 });
    return undefined;
  }
  if (fault.times !== undefined) {
    if (fault.times > 1) faults.set(app, { ...fault, times: fault.times - 1 });
    else if (fault.next) faults.set(app, { ...fault.next, draw: fault.draw });
    else faults.delete(app);
  }
  if (fault.fail === 'late') return untilCleared(state, app);
  return befall(fault);
}

async function untilCleared({ late }: State, app: string): Promise<Spoil> {
  const cleared = Promise.withResolvers<void>();
  const held = late.get(app) ?? { cleared, last: cleared.promise };
  late.set(app, held);
  const [before, done] = [held.last, Promise.withResolvers<void>()];
  held.last = done.promise;
  await before;
  return (answer) => {
    done.resolve();
    return answer;
  };
}

async function befall({ delayMs, fail }: Fault): Promise<Spoil | undefined> {
  if (delayMs !== undefined) await sleep(delayMs);
  if (fail === undefined) return undefined;
  if (fail === 'stall' || fail === 'cut') return (answer) => halfOf(answer, fail === 'stall');
  if (fail === 'hang') await new Promise<never>(() => {});
  if (fail === 'refuse') throw new Error('the database is down, by order of a test');
  throw new PostgresError({ code: fail, severity: 'ERROR', message: 'raised by order of a test' });
}

/** Status, headers and the first half of the body; then nothing, or the end of the connection. */
function halfOf(answer: Response, isStalled: boolean): Response {
  const whole = answer.arrayBuffer();
  let isSent = false;
  const half = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (!isSent) {
        isSent = true;
        const bytes = new Uint8Array(await whole);
        return controller.enqueue(bytes.subarray(0, bytes.length / 2));
      }
      if (isStalled) return new Promise<never>(() => {});
      // Time for the half to get out.
      await sleep(50);
      controller.error(new Hangup());
    },
  });
  return new Response(half, { status: answer.status, headers: answer.headers });
}
