/** Fifty generated histories, the same in every run. `npm run explore` generates new ones. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { histories } from './histories.ts';
import { reportOf } from './report.ts';
import { live } from './run.ts';

/** On a machine that is busy with something else there are fewer, rather than none in time. */
const ENOUGH_MS = 30_000;

test('whatever people, strangers and thieves do, in any order, the rules hold', async () => {
  const property = fc.asyncProperty(histories(10), (steps) => live(steps));
  const details = await fc.check(property, { seed: 1, numRuns: 50, interruptAfterTimeLimit: ENOUGH_MS });
  expect(details.failed, reportOf(details)).toBe(false);
}, 130_000);
