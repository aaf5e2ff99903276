/** What a refusal says when the counter's clock and ours disagree. */
import { expect, test } from 'vitest';
import type { Deps } from '../../src/deps.ts';
import { judge } from '../../src/guard/throttle.ts';
import { startGatehouse } from '../support/gatehouse.ts';

test.each([
  [-1_500, '1'],
  [0, '1'],
  [1, '1'],
  [1_001, '2'],
])('a window that ends in %i ms is waited for %s s, never 0', async (resetInMs, seconds) => {
  const { config } = startGatehouse({ LIMITS: 'login=1/60' });
  const limiter = {
    take: async (asked: object[]) => asked.map((one) => ({ ...one, fits: false, remaining: 0, resetInMs })),
  };
  const { refusal } = await judge({ config, limiter } as unknown as Deps, [{ limit: 'login', key: 'x' }]);
  expect(refusal?.headers).toMatchObject({
    'Retry-After': seconds,
    RateLimit: `"login-60";r=0;t=${seconds}`,
  });
});

test('when several budgets are used up, the longest wait is the answer', async () => {
  const { config } = startGatehouse({ LIMITS: 'login=1/60,2/3600' });
  const limiter = {
    take: async (asked: { seconds: number }[]) =>
      asked.map((one) => ({ ...one, fits: false, remaining: 0, resetInMs: one.seconds * 500 })),
  };
  const { refusal } = await judge({ config, limiter } as unknown as Deps, [{ limit: 'login', key: 'x' }]);
  expect(refusal?.headers['Retry-After']).toBe('1800');
});
