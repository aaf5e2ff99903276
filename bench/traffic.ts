/** The traffic to the stores: it delays each trip, and counts the trips that a piece of work has caused. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cost } from '../dev/cost-prices.ts';

export type Store = 'postgres' | 'redis' | 'queue';
/** `to` is when its answer was sent. */
export type Trip = { store: Store; commands: number; from: number; to: number };

/** With a delay on each trip, the count of trips in a row is exact. */
export type Counted = Omit<Cost, 'cpuMs'>;

/** After this time without a trip, the work that continues after the answers is over. */
const QUIET_MS = 100;

export function createTraffic() {
  const state = { delayMs: 0 };
  const trips: Trip[] = [];

  async function pass<T>(store: Store, commands: number, run: () => T | Promise<T>): Promise<T> {
    const trip = { store, commands, from: performance.now(), to: Number.POSITIVE_INFINITY };
    trips.push(trip);
    if (state.delayMs > 0 && store !== 'queue') await sleep(state.delayMs);
    try {
      return await run();
    } finally {
      trip.to = performance.now();
    }
  }

  async function quiet(): Promise<void> {
    for (let seen = -1; seen !== trips.length; await sleep(QUIET_MS)) seen = trips.length;
  }

  /** The trips that the work has caused. */
  async function during(work: () => Promise<unknown>): Promise<Trip[]> {
    await quiet();
    trips.length = 0;
    await work();
    await quiet();
    return [...trips];
  }

  return { state, pass, during };
}

export function counted(trips: readonly Trip[]): Counted {
  const of = (name: Store) => trips.filter(({ store }) => store === name);
  return {
    postgres: of('postgres').length,
    redis: of('redis').length,
    commands: of('redis').reduce((sum, { commands }) => sum + commands, 0),
    queued: of('queue').length,
    inARow: longestRow(trips.filter(({ store }) => store !== 'queue')),
  };
}

/** The most trips of which none overlaps another. */
function longestRow(trips: readonly Trip[]): number {
  let [row, end] = [0, 0];
  for (const { from, to } of trips.toSorted((one, other) => one.to - other.to)) {
    if (from < end) continue;
    row += 1;
    end = to;
  }
  return row;
}
