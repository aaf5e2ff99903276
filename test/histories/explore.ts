/** Run by `npm run explore`: the given number of histories from the given seed; stops at the first that is wrong. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { histories } from './histories.ts';
import { reportOf } from './report.ts';
import { live, tally } from './run.ts';
import type { Step } from './steps.ts';

const { EXPLORE_SEED = '1', EXPLORE_RUNS = '1000' } = process.env;
/** Between two lines of progress. */
const BATCH = 100;

test('no history breaks a rule', { timeout: 0 }, async () => {
  const runs = Number(EXPLORE_RUNS);
  const seed = Number(EXPLORE_SEED);
  const property = fc.asyncProperty(histories(16), (steps: Step[]) => live(steps));
  let done = 0;
  const started = Date.now();
  const counted = property.beforeEach(async () => {
    if (done > 0 && done % BATCH === 0)
      console.log(`${done} histories, ${Math.round((Date.now() - started) / 1_000)} s`);
    done += 1;
  });
  const details = await fc.check(counted, { seed, numRuns: runs });
  const answers = [...tally].sort().map(([answer, count]) => `  ${count} ${answer}`);
  console.log(`seed ${seed}: ${details.numRuns} histories. Answers:\n${answers.join('\n')}`);
  expect(details.failed, reportOf(details)).toBe(false);
});
