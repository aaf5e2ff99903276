/** Budgets in the form of a setting: `3/3600` is 3 in an hour, `5/600,20/86400` are two budgets together. */

export type Budget = { count: number; seconds: number };

/** Throws an Error that says what is wrong. */
export function parseBudgets(text: string): Budget[] {
  return text.split(',').map((part) => {
    const [, count, seconds] = /^\s*([1-9]\d{0,5})\/([1-9]\d{0,6})\s*$/.exec(part) ?? [];
    if (count === undefined || seconds === undefined) {
      throw new Error('is not of the form count/seconds,count/seconds');
    }
    return { count: Number(count), seconds: Number(seconds) };
  });
}

export const writtenBudgets = (budgets: readonly Budget[]): string =>
  budgets.map(({ count, seconds }) => `${count}/${seconds}`).join(',');
