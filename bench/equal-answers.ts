/**
 * Whether a clock can distinguish requests about a known address from those about an unknown one: the real app, a
 * real Postgres with 5 ms added to each trip. A fixed number of pairs. The verdict is on the whole interval, so that too
 * few pairs or a busy machine say `undecided`, never `equal`. See README.md.
 */
import { env } from 'cloudflare:workers';
import { beforeAll, expect, test } from 'vitest';
import type { ApiBindings } from '../src/config/bindings.ts';
import { fault } from '../test/support/control-client.ts';
import { type Answer, startGatehouse } from '../test/support/gatehouse.ts';
import {
  knownAndUnknown,
  PAIRS,
  type Pair,
  type PairName,
  ROOMY,
} from '../test/support/known-and-unknown.ts';
import { areaInterval, medianDifference, type Verdict, verdictOf } from './rank.ts';

const ROUNDS = Number((env as unknown as Record<string, string>).BENCH_ROUNDS);
/** Not measured: the first requests of a kind do work that happens only once. */
const WARM_UP = 3;
const TRIP_MS = 5;
/** The share of the full price of a hash: well above the noise. */
const A_FIFTH = 'ln=14,r=8,p=1';

const { MAIL_QUEUE } = env as unknown as ApiBindings;
let isMeasuring = false;
const gatehouse = startGatehouse(
  { ...ROOMY, PASSWORD_SCRYPT_COSTS: A_FIFTH },
  {
    // Delivery runs independently of the answers: here it would only be noise.
    MAIL_QUEUE: {
      send: async (job) => (isMeasuring ? undefined : MAIL_QUEUE.send(job)),
    } as ApiBindings['MAIL_QUEUE'],
  },
);
let pairs: Record<PairName, Pair>;

beforeAll(async () => {
  pairs = await knownAndUnknown(gatehouse);
  isMeasuring = true;
  await fault(gatehouse.name, { delayMs: TRIP_MS });
});

const timeOf = async (ask: () => Promise<Answer>) => (await ask()).ms;

test.for(PAIRS)('%s', async (name, { task }) => {
  const { known, unknown } = pairs[name];
  const [ones, others]: [number[], number[]] = [[], []];
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    // In alternating order: neither is always the second.
    const [first, second] = round % 2 === 0 ? [known, unknown] : [unknown, known];
    const times = [await timeOf(first), await timeOf(second)] as const;
    const [one, other] = round % 2 === 0 ? times : [times[1], times[0]];
    if (round < 0) continue;
    ones.push(one);
    others.push(other);
  }
  const [low, high] = areaInterval(ones, others);
  const verdict: Verdict = verdictOf([low, high]);
  const difference = medianDifference(ones, others);
  const is = `${verdict}: area ${low.toFixed(2)} to ${high.toFixed(2)}, ${difference.toFixed(2)} ms`;
  // Printed for the table of `npm run bench`.
  Object.assign(task.meta, { is, isMissed: verdict === 'different' });
  console.log(`${is}  ${name}`);
  expect(verdict).not.toBe('different');
});
