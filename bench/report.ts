/** The table of a run, and what is in its cells. */

export type Row = { name: string; is: string; budget: string; isMissed?: boolean };

export function tableOf(rows: readonly Row[], noise: string): string {
  const lines = rows.map(
    ({ name, is, budget, isMissed }) => `| ${name} | ${is} | ${budget} |${isMissed ? ' **missed** |' : ' |'}`,
  );
  return `${noise}\n\n| | measured | budget | |\n|---|---|---|---|\n${lines.join('\n')}\n`;
}

/** The ratio of `ms` to `least`. */
export function ratio(name: string, ms: number, least: number, budget?: number): Row {
  const is = ms / least;
  return {
    name,
    is: `${is.toFixed(2)} (${ms.toFixed(2)} to ${least.toFixed(2)} ms)`,
    budget: budget === undefined ? '' : String(budget),
    isMissed: budget !== undefined && is > budget,
  };
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(Math.floor(sorted.length * part), sorted.length - 1)] ?? Number.NaN;
}
