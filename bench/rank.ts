/** Whether two samples of times, taken in pairs, can be distinguished. */

/** Within these bounds an observer learns almost nothing; one more hash or trip gives an area above 0.9. */
const SAME = [0.4, 0.6] as const;
const RESAMPLES = 2_000;

export type Verdict = 'equal' | 'different' | 'undecided';

/**
 * Area under the ROC curve (Mann-Whitney U): the chance that a time of `ones` is above one of `others`. 0.5 says
 * nothing, 0 and 1 say everything.
 */
function areaOf(ones: readonly number[], others: readonly number[]): number {
  let above = 0;
  for (const one of ones) for (const other of others) above += one > other ? 1 : one === other ? 0.5 : 0;
  return above / (ones.length * others.length);
}

/** The 95 % bootstrap interval of the area: pairs are drawn again, with replacement. */
export function areaInterval(ones: readonly number[], others: readonly number[]): [number, number] {
  const areas = Array.from({ length: RESAMPLES }, () => {
    const drawn = ones.map(() => Math.floor(Math.random() * ones.length));
    const of = (times: readonly number[]) => drawn.map((index) => times[index] ?? Number.NaN);
    return areaOf(of(ones), of(others));
  }).sort((a, b) => a - b);
  const at = (share: number) => areas[Math.floor(share * (RESAMPLES - 1))] ?? Number.NaN;
  return [at(0.025), at(0.975)];
}

/** On the whole interval: if it is partly inside, nothing is decided. */
export function verdictOf([low, high]: readonly [number, number]): Verdict {
  if (low > SAME[0] && high < SAME[1]) return 'equal';
  return low > SAME[1] || high < SAME[0] ? 'different' : 'undecided';
}

/** The median difference of the pairs, in the unit of the times. */
export function medianDifference(ones: readonly number[], others: readonly number[]): number {
  const sorted = ones.map((one, index) => one - (others[index] ?? Number.NaN)).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
