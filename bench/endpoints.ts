/** What one call of each endpoint costs: the trips it makes, and the CPU of the process. */
import type { Costs } from '../dev/cost-prices.ts';
import { journey, newcomer, type Step, type Walker } from './journey.ts';
import type { Taken } from './load.ts';
import type { Row } from './report.ts';
import type { Stage } from './stage.ts';
import { type Counted, counted } from './traffic.ts';

type Spent = { ms: number; calls: number };

/** Long enough to show which trips overlap. */
const DELAY_MS = 20;

/** Trips to Postgres + Redis, and how many of them wait for the one before. */
const BUDGETS: Record<string, string> = {
  'GET /me': '1 + 0, 1 in a row',
  'GET /sessions': '1 + 0, 1 in a row',
  'POST /refresh': '1 + 0, 1 in a row',
  'POST /logout': '1 + 0, 1 in a row',
  'POST /login': '2 + 1, 2 in a row',
  'POST /signup': '1 + 1, 2 in a row',
  'POST /verify-email': '1 + 1, 2 in a row',
  'POST /verify-email/resend': '1 + 1, 2 in a row',
  'POST /forgot-password': '1 + 1, 2 in a row',
};

/** A crowd walks through the journey, step by step: the first of each half counts the trips, the others the CPU. */
export async function endpointCosts(stage: Stage): Promise<Row[]> {
  const walkers = Array.from({ length: stage.isQuick ? 4 : 16 }, newcomer);
  const costs: Costs = {};
  // If a step makes more than one call, all of them together.
  const spent: Record<string, Spent> = {};
  for (const step of journey(stage.database, stage.config)) {
    const going = walkers.filter(
      (_, index) => step.half === undefined || (step.half === 'moving') === (index % 2 === 0),
    );
    const [first, ...others] = going as [Walker, ...Walker[]];
    const trips = await tripsOf(stage, step, first);
    const { ms, calls } = await cpuOf(stage, step, others);
    const known = spent[step.name] ?? { ms: 0, calls: 0 };
    const all = { ms: known.ms + ms, calls: known.calls + calls };
    spent[step.name] = all;
    // Two digits: a third would differ from run to run.
    costs[step.name] = { ...trips, cpuMs: Number((all.ms / all.calls).toPrecision(2)) };
  }
  stage.costs.endpoints = costs;
  return tripRows(costs);
}

const tripRows = (costs: Costs): Row[] =>
  Object.entries(BUDGETS).map(([name, budget]) => {
    const { postgres, redis, inARow } = costs[name] ?? {};
    const is = `${postgres} + ${redis}, ${inARow} in a row`;
    return { name: `\`${name}\`: trips to Postgres + Redis`, is, budget, isMissed: is !== budget };
  });

async function tripsOf(
  { stores: { traffic }, targets, load }: Stage,
  step: Step,
  who: Walker,
): Promise<Counted> {
  await step.prepare?.(who);
  traffic.state.delayMs = DELAY_MS;
  const trips = await traffic.during(async () => {
    keep(step, [who], await load.good(targets.api.url, [step.ask(who)]));
  });
  traffic.state.delayMs = 0;
  return counted(trips);
}

async function cpuOf({ targets: { api }, load }: Stage, step: Step, walkers: Walker[]): Promise<Spent> {
  for (const who of walkers) await step.prepare?.(who);
  const { times = 1 } = step;
  const asks = Array.from({ length: times }, () => walkers.map(step.ask)).flat();
  const before = api.cpuMs();
  const taken = await load.good(api.url, asks);
  const ms = api.cpuMs() - before;
  keep(step, walkers, taken);
  return { ms, calls: asks.length };
}

function keep({ keep: take }: Step, walkers: Walker[], { bodies }: Taken): void {
  if (take === undefined) return;
  walkers.forEach((who, index) => {
    take(who, JSON.parse(bodies[index] ?? '').data as never);
  });
}
