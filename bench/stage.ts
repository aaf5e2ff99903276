/** What a run of the benchmark has set up: stores, Workers, people, and the process that makes the load. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from '../tooling/paths.ts';
import { refresh, repeated } from './asks.ts';
import type { Ask, Job, Taken } from './load.ts';
import type { Person } from './people.ts';
import type { Stores } from './stores.ts';
import type { Target } from './workerd.ts';

export type Stage = {
  stores: Stores;
  targets: Record<'api' | 'floor' | 'empty', Target>;
  people: [ada: Person, bob: Person, eve: Person];
  load: Load;
  isQuick: boolean;
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

  /** So many refreshes, each with the token that the one before was given. */
  async function chain(base: string, person: Person, count: number): Promise<Taken> {
    const taken = await work(base, repeated(refresh(person), count), 1, true);
    if (taken.statuses.some((status) => status !== 200)) throw new Error('a refresh was refused');
    Object.assign(person, (taken.last as { data: Person }).data);
    return taken;
  }

  return { work, chain, stop: () => child.kill() };
}
