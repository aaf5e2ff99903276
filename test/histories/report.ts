/** What a failed run says: what is wrong, and the shortest history that shows it, ready to be written down as a test. */
import type { RunDetails } from 'fast-check';
import type { Step } from './steps.ts';

export function reportOf({ seed, numRuns, counterexample, errorInstance }: RunDetails<[Step[]]>): string {
  const steps = (counterexample?.[0] ?? []).map((step) => `  ${JSON.stringify(step)},`);
  const what = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  return [`history ${numRuns} of seed ${seed}: ${what}`, '[', ...steps, ']'].join('\n');
}
