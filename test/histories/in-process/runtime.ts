/** What the app and the tests take from workerd, in Node. */
import { inject } from 'vitest';

export const env = inject('env');

export function createExecutionContext() {
  const waiting: Promise<unknown>[] = [];
  return { waiting, waitUntil: (work: Promise<unknown>) => waiting.push(work), passThroughOnException() {} };
}

type Context = ReturnType<typeof createExecutionContext>;

/** The work that it waits for may add more work. */
export async function waitOnExecutionContext({ waiting }: Context): Promise<void> {
  for (let work = waiting.shift(); work; work = waiting.shift()) await work;
}
