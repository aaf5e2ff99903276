/** Fifty generated histories, the same in every run. `npm run explore` generates new ones. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { histories } from './histories.ts';
import { reportOf } from './report.ts';
import { live } from './run.ts';

/** On a machine that is busy with something else fewer are begun. One that has begun is never given up: others would meet it. */
const ENOUGH_MS = 30_000;

test('whatever people, strangers and thieves do, in any order, the rules hold', async () => {
  const started = performance.now();
  const property = fc.asyncProperty(histories(5), async (steps) => {
    if (performance.now() - started < ENOUGH_MS) await live(steps);
  });
  const details = await fc.check(property, { seed: 1, numRuns: 50 });
  expect(details.failed, reportOf(details)).toBe(false);
}, 130_000);
