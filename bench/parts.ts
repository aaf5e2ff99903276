/** What is measured, in order: parts that fill memory or the database come after those that they would disturb. */
import { cpu } from './cpu.ts';
import { crowds } from './crowds.ts';
import { endpointCosts } from './endpoints.ts';
import { equalAnswers } from './equal.ts';
import { growth } from './growth.ts';
import { latencies } from './latencies.ts';
import { memory } from './memory.ts';
import type { Row } from './report.ts';
import type { Stage } from './stage.ts';
import { startTimes } from './starts.ts';

type Part = (stage: Stage) => Row[] | Promise<Row[]>;

const parts: Record<string, Part> = {
  latencies,
  endpoints: endpointCosts,
  cpu,
  crowds,
  memory,
  starts: startTimes,
  growth,
  equal: equalAnswers,
};

/** A minute is too short for a million people, and for enough pairs to call two answers equal. */
const FULL_ONLY = ['growth', 'equal'];

export function partsOf(isQuick: boolean, only: string[] | undefined): [string, Part][] {
  const names = Object.keys(parts);
  const unknown = only?.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`no part is called ${unknown}: ${names.join(', ')}`);
  return Object.entries(parts).filter(([name]) =>
    only ? only.includes(name) : !(isQuick && FULL_ONLY.includes(name)),
  );
}
