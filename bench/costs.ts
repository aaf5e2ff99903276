/** Time, trips and CPU of one request of a kind, beside the floor. */
import { login, logout, me, repeated } from './asks.ts';
import { median, type Row, ratio } from './report.ts';
import type { Stage } from './stage.ts';

const DELAY_MS = 20;

/** At a delay for both stores, and at none: what each takes, and how often the floor's time that is. */
export async function latencies({
  stores,
  targets: { api, floor },
  people,
  load,
  isQuick,
}: Stage): Promise<Row[]> {
  const [ada, bob, eve] = people;
  const [rounds, perRound] = isQuick ? [3, 10] : [12, 20];
  const kinds = {
    floor: (count: number) => load.work(floor.url, repeated({ url: '/one' }, count)),
    me: (count: number) => load.work(api.url, repeated(me(ada), count)),
    refresh: (count: number) => load.chain(api.url, bob, count),
    logout: (count: number) => load.work(api.url, repeated(logout(eve), count)),
  };
  const rows: Row[] = [];
  for (const delayMs of [DELAY_MS, 0]) {
    stores.state.delayMs = delayMs;
    const taken: Record<string, number[]> = {};
    for (let round = 0; round <= rounds; round++)
      for (const [name, kind] of Object.entries(kinds)) {
        const { ms } = await kind(perRound);
        // The first round is for all that happens once.
        if (round > 0) taken[name] = [...(taken[name] ?? []), ...ms];
      }
    const least = median(taken.floor ?? []);
    for (const name of ['me', 'refresh', 'logout'])
      rows.push(
        ratio(
          `${name} p50, each trip ${delayMs} ms`,
          median(taken[name] ?? []),
          least,
          delayMs > 0 ? 1.1 : undefined,
        ),
      );
  }
  stores.state.delayMs = 0;
  return rows;
}

export async function trips({ stores, targets: { api }, people, load }: Stage): Promise<Row[]> {
  const [ada, bob, eve] = people;
  const asks: [string, string, () => Promise<unknown>][] = [
    ['me', '1 + 0', () => load.work(api.url, [me(ada)])],
    ['refresh', '1 + 0', () => load.chain(api.url, bob, 1)],
    ['logout', '1 + 0', () => load.work(api.url, [logout(eve)])],
    ['login', '2 + 1', () => load.work(api.url, [login(ada)])],
  ];
  const rows: Row[] = [];
  for (const [name, budget, ask] of asks) {
    Object.assign(stores.state, { postgres: 0, redis: 0 });
    await ask();
    const is = `${stores.state.postgres} + ${stores.state.redis}`;
    rows.push({ name: `${name}: trips to Postgres + Redis`, is, budget, isMissed: is !== budget });
  }
  return rows;
}

/** CPU time of the process for each request, in turn with that of the floor and of an empty Worker. */
export async function cpu({
  targets: { api, floor, empty },
  people: [ada],
  load,
  isQuick,
}: Stage): Promise<Row[]> {
  const rows: Row[] = [];
  const requests = isQuick ? 300 : 1_500;
  for (const [concurrency, budget] of [
    [1, 2.2],
    [16, 2.5],
  ] as const) {
    const spent = { api: 0, floor: 0, empty: 0 };
    for (let round = 0; round < 3; round++)
      for (const [name, target, ask] of [
        ['api', api, me(ada)],
        ['floor', floor, { url: '/one' }],
        ['empty', empty, { url: '/' }],
      ] as const) {
        const before = target.cpuMs();
        await load.work(target.url, repeated(ask, requests / 3), concurrency);
        spent[name] += target.cpuMs() - before;
      }
    const each = (ms: number) => ms / requests;
    rows.push(ratio(`me CPU, ${concurrency} at a time`, each(spent.api), each(spent.floor), budget));
    rows.push({
      name: `an empty Worker's CPU, ${concurrency} at a time`,
      is: `${each(spent.empty).toFixed(2)} ms`,
      budget: '',
    });
  }
  return rows;
}
