/** How much slower a request is among a million people, and for a person with a long history. */
import { login, me, refresh, sessions } from './asks.ts';
import { interleaved } from './latencies.ts';
import { makePerson, type Person, tokensOf } from './people.ts';
import { median, type Row, ratio } from './report.ts';
import { seedPast, seedPeople } from './seed.ts';
import type { Stage } from './stage.ts';
import type { Database } from './stores.ts';
import type { Target } from './workerd.ts';

const MILLION = 1_000_000;
const BUDGET = 1.2;
const [ROUNDS, PER_ROUND] = [20, 20];
const ASKED = (ROUNDS + 1) * PER_ROUND;
const LOGINS = 7;

export async function growth(stage: Stage): Promise<Row[]> {
  const [small, large] = await Promise.all([
    stage.stores.database('thousand'),
    stage.stores.database('million'),
  ]);
  await seedPeople(small, 1_000);
  await seedPeople(large, MILLION);
  const apis = [await stage.start.api(small), await stage.start.api(large)] as const;
  try {
    const { rows } = await large.query('SELECT pg_database_size(current_database()) AS bytes');
    stage.costs.bytesPerPerson = Math.round(Number(rows[0].bytes) / MILLION);
    return [...(await byPeople(stage, [small, large], apis)), ...(await byPast(stage, large, apis[1]))];
  } finally {
    await Promise.all(apis.map((api) => api.stop()));
  }
}

/** Another person each time, so that no row is cached already. */
async function byPeople({ load, config }: Stage, databases: Database[], apis: readonly Target[]) {
  const asks = [refresh, me, sessions];
  const kinds: Record<string, (count: number) => ReturnType<typeof load.good>> = {};
  for (const [at, { query }] of databases.entries()) {
    const { rows } = await query(
      `SELECT id AS "sessionId", user_id AS "userId" FROM user_sessions ORDER BY random() LIMIT ${ASKED}`,
    );
    for (const ask of asks) {
      const left = await Promise.all(rows.map((row) => tokensOf(config, row)));
      kinds[`${ask.name} ${at}`] = (count) => load.good(apis[at]?.url ?? '', left.splice(-count).map(ask));
    }
  }
  const taken = await interleaved(kinds, ROUNDS, PER_ROUND);
  return asks.map(({ name }) =>
    ratio(
      `${name} p50, among 1,000,000 people, to among 1,000`,
      median(taken[`${name} 1`] ?? []),
      median(taken[`${name} 0`] ?? []),
      BUDGET,
    ),
  );
}

/** Two of the million, one with 20,000 sessions that have ended and one with 20. */
async function byPast(stage: Stage, database: Database, api: Target): Promise<Row[]> {
  const { load } = stage;
  const [long, short] = [await makePerson(database, api.url), await makePerson(database, api.url)];
  await seedPast(database, long.id, 20_000);
  await seedPast(database, short.id, 20);
  const kinds = Object.fromEntries(
    Object.entries({ long, short }).flatMap(([past, who]) => [
      [`refresh ${past}`, (count: number) => load.chain(api.url, who, count)],
      ...[me, sessions].map((ask) => [
        `${ask.name} ${past}`,
        (count: number) =>
          load.good(
            api.url,
            Array.from({ length: count }, () => ask(who)),
          ),
      ]),
    ]),
  );
  const taken = await interleaved(kinds, ROUNDS, PER_ROUND);
  const logins = await loginsInPostgres(stage, api, { long, short });
  const row = (name: string, of: (past: string) => number[]) =>
    ratio(
      `${name}, of a person with 20,000 ended sessions, to one with 20`,
      median(of('long')),
      median(of('short')),
      BUDGET,
    );
  return [
    ...['refresh', 'me', 'sessions'].map((name) =>
      row(`${name} p50`, (past) => taken[`${name} ${past}`] ?? []),
    ),
    row('login, time in Postgres', (past) => logins[past] ?? []),
  ];
}

/** Only the time of each login in Postgres, because the hash would hide it. */
async function loginsInPostgres({ stores, load }: Stage, api: Target, people: Record<string, Person>) {
  const taken: Record<string, number[]> = {};
  for (let round = 0; round < LOGINS; round++)
    for (const [past, who] of Object.entries(people)) {
      const trips = await stores.traffic.during(() => load.good(api.url, [login(who)]));
      const inPostgres = trips.filter(({ store }) => store === 'postgres');
      const ms = inPostgres.reduce((sum, { from, to }) => sum + to - from, 0);
      taken[past] = [...(taken[past] ?? []), ms];
    }
  return taken;
}
