/** How long an answer takes, beside the floor in the same interleaved run. */
import { logout, me, repeated, sessions } from './asks.ts';
import type { Taken } from './load.ts';
import { openSessions } from './people.ts';
import { median, type Row, ratio } from './report.ts';
import type { Stage } from './stage.ts';

const DELAY_MS = 20;
const AT_ONCE = 16;
/** The first round is not measured: some work happens only once. */
const WARM_UP = 1;

type Kind = (count: number) => Promise<Taken>;

/** One at a time, with a delay on the way to both stores and with none; and many at a time. */
export async function latencies(stage: Stage): Promise<Row[]> {
  const { stores, isQuick } = stage;
  const [rounds, perRound] = isQuick ? [3, 10] : [12, 20];
  const kinds = await kindsOf(stage, 2 * (rounds + WARM_UP) * perRound);
  const rows: Row[] = [];
  for (const delayMs of [DELAY_MS, 0]) {
    stores.traffic.state.delayMs = delayMs;
    const taken = await interleaved(kinds, rounds, perRound);
    rows.push(...ratios(taken, `p50, each trip ${delayMs} ms`, delayMs > 0 ? 1.1 : undefined));
  }
  stores.traffic.state.delayMs = DELAY_MS;
  const crowded = await interleaved(atOnce(stage), rounds, 4 * AT_ONCE);
  rows.push(...ratios(crowded, `p50, ${AT_ONCE} at a time, each trip ${DELAY_MS} ms`));
  stores.traffic.state.delayMs = 0;
  return rows;
}

async function kindsOf(stage: Stage, logouts: number): Promise<Record<string, Kind>> {
  const { targets, people, load, database, config } = stage;
  const [ada, bob, eve] = people;
  const leaving = await openSessions(database, config, eve.id, logouts);
  return {
    floor: (count) => load.good(targets.floor.url, repeated({ url: '/one' }, count)),
    me: (count) => load.good(targets.api.url, repeated(me(ada), count)),
    sessions: (count) => load.good(targets.api.url, repeated(sessions(ada), count)),
    refresh: (count) => load.chain(targets.api.url, bob, count),
    logout: (count) => load.good(targets.api.url, leaving.splice(-count).map(logout)),
  };
}

function atOnce({ targets, people: [ada], load }: Stage): Record<string, Kind> {
  const many = (url: string, ask: ReturnType<typeof me>) => (count: number) =>
    load.good(url, repeated(ask, count), AT_ONCE);
  return {
    floor: many(targets.floor.url, { url: '/one' }),
    me: many(targets.api.url, me(ada)),
    sessions: many(targets.api.url, sessions(ada)),
  };
}

/** A few of each kind in turn, so that other work of the machine slows all of them equally. */
export async function interleaved(kinds: Record<string, Kind>, rounds: number, perRound: number) {
  const taken: Record<string, number[]> = {};
  for (let round = -WARM_UP; round < rounds; round++)
    for (const [name, kind] of Object.entries(kinds)) {
      const { ms } = await kind(perRound);
      if (round >= 0) taken[name] = [...(taken[name] ?? []), ...ms];
    }
  return taken;
}

function ratios({ floor = [], ...taken }: Record<string, number[]>, what: string, budget?: number): Row[] {
  return Object.entries(taken).map(([name, ms]) =>
    ratio(`${name} ${what}`, median(ms), median(floor), budget),
  );
}
