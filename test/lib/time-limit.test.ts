import { expect, test } from 'vitest';
import { startTimeLimit } from '../../src/lib/time-limit.ts';

const until = (signal: AbortSignal) =>
  new Promise<'over'>((resolve) => signal.addEventListener('abort', () => resolve('over')));

/** As a hash does. */
function holdThread(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

test('a limit that is over aborts with a TimeoutError', async () => {
  const { signal } = startTimeLimit(5);
  expect(await until(signal)).toBe('over');
  expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
});

test('what arrived while the thread was held is delivered first, though the limit is over too', async () => {
  const { signal, end } = startTimeLimit(5);
  const answer = new Promise<'answer'>((resolve) => setTimeout(resolve, 10, 'answer'));
  holdThread(30);
  expect(await Promise.race([answer, until(signal)])).toBe('answer');
  end();
});

test('a limit that was ended never aborts, not even in its last turn', async () => {
  const { signal, end } = startTimeLimit(5);
  setTimeout(end, 5);
  // Both are due by then, in the order in which they were set.
  holdThread(30);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(signal.aborted).toBe(false);
});
