/** Whether two samples of times tell their sources apart. */

/**
 * Area under the ROC curve (Mann-Whitney U): the chance that a time of `ones` is above one of `others`. 0.5 says
 * nothing, 0 and 1 tell all.
 */
export function auc(ones: readonly number[], others: readonly number[]): number {
  let above = 0;
  for (const one of ones) for (const other of others) above += one > other ? 1 : one === other ? 0.5 : 0;
  return above / (ones.length * others.length);
}

const LOOKS = [12, 24, 48, 96];

/**
 * Takes pairs, each way round in turn, until the two cannot be told apart, and at the latest after the last look. A
 * look is cheap to pass by chance only for a difference that is small against the noise; a missing trip or hash is
 * an area of 1 at every look.
 */
export async function areaBetween(one: () => Promise<number>, other: () => Promise<number>): Promise<number> {
  const [ones, others]: [number[], number[]] = [[], []];
  let area = 1;
  for (const look of LOOKS) {
    while (ones.length < look) {
      if (ones.length % 2 === 0) ones.push(await one());
      others.push(await other());
      if (ones.length < others.length) ones.push(await one());
    }
    area = auc(ones, others.slice(0, ones.length));
    if (area > 0.4 && area < 0.6) break;
  }
  return area;
}
