/** What a run of the benchmark sets up: stores, Workers, people, and the process that makes the load. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Costs } from '../dev/cost-prices.ts';
import type { ApiConfig } from '../src/config/read.ts';
import { root } from '../tooling/paths.ts';
import { refresh, repeated } from './asks.ts';
import type { Starters } from './bundles.ts';
import type { Ask, Job, Taken } from './load.ts';
import type { Person } from './people.ts';
import type { Database, Stores } from './stores.ts';
import type { Target } from './workerd.ts';

export type Stage = {
  stores: Stores;
  database: Database;
  targets: Record<'api' | 'floor' | 'empty', Target>;
  /** Starts one more API Worker, with this or another database. */
  start: Starters;
  /** The API Worker's settings as it reads them: the keys of its tokens, codes and links. */
  config: ApiConfig;
  people: [ada: Person, bob: Person, eve: Person];
  load: Load;
  isQuick: boolean;
  /** The figures of the cost page, collected during the run. */
  costs: { endpoints?: Costs; bytesPerPerson?: number };
};

type Load = ReturnType<typeof startLoad>;

export function startLoad() {
  const child = fork(join(root, 'bench/load.ts'), { stdio: 'inherit' });

  async function work(base: string, asks: readonly Ask[], concurrency = 1, isChain = false): Promise<Taken> {
    const job: Job = { asks: asks.map((ask) => ({ ...ask, url: base + ask.url })), concurrency, isChain };
    const answered = once(child, 'message');
    child.send(job);
    const [taken] = (await answered) as [Taken];
    return taken;
  }

  /** All of these are answered 200. */
  async function good(base: string, asks: readonly Ask[], concurrency = 1): Promise<Taken> {
    const taken = await work(base, asks, concurrency);
    const bad = taken.statuses.findIndex((status) => status !== 200);
    if (bad !== -1)
      throw new Error(
        `${asks[0]?.method} ${asks[0]?.url}: ${taken.statuses[bad]} ${taken.bodies[bad]?.slice(0, 400)}`,
      );
    return taken;
  }

  /** So many refreshes, each with the token from the one before. */
  async function chain(base: string, person: Person, count: number): Promise<Taken> {
    const taken = await work(base, repeated(refresh(person), count), 1, true);
    if (taken.statuses.some((status) => status !== 200)) throw new Error('a refresh was refused');
    Object.assign(person, JSON.parse(taken.bodies.at(-1) ?? '').data);
    return taken;
  }

  return { work, good, chain, stop: () => child.kill() };
}
