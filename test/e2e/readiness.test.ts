/**
 * The built bundle in a workerd of its own, where each request has a context of its own and may not wait for a promise of
 * another one, which tests inside a Worker do not show.
 */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createTestHarness } from 'wrangler';
import { clearFault, fault, resetTrips, trips } from '../support/control-client.ts';

const name = `readiness-${crypto.randomUUID()}`;
const { DATABASE_URL, ...values } = inject('env');

const server = createTestHarness({
  root: process.cwd(),
  workers: [
    {
      configPath: 'wrangler.toml',
      vars: {
        ...values,
        DATABASE_URL: `${DATABASE_URL}?application_name=${name}`,
        RESEND_WEBHOOK_SECRET: 'off',
        // The database is shared: mail that other tests leave owed must not decide this.
        MAIL_BACKLOG_SECONDS: `${30 * 86_400}`,
        HEALTH_CACHE_SECONDS: '0',
      },
    },
  ],
});

beforeAll(() => server.listen());
afterAll(() => server.close());

const ready = async ({ signal }: { signal?: AbortSignal } = {}) => {
  const response = await server.fetch('/health/ready', { ...(signal && { signal }) });
  await response.body?.cancel();
  return response.status;
};

test('many readiness calls at once reach a hanging database once, and all are answered', async () => {
  // A cold start may be slower than Redis is allowed to be.
  await expect.poll(() => ready(), { timeout: 30_000 }).toBe(200);
  await resetTrips(name);
  await fault(name, { fail: 'hang' });
  const statuses = await Promise.all(Array.from({ length: 150 }, () => ready()));
  expect(new Set(statuses)).toEqual(new Set([503]));
  expect((await trips(name)).count).toBe(1);
});

test('whoever hangs up first takes nobody along', async () => {
  await fault(name, { fail: 'hang' });
  await resetTrips(name);
  const hangUp = new AbortController();
  const first = ready(hangUp).catch(() => 'gone');
  await expect.poll(async () => (await trips(name)).count).toBe(1);
  const others = Array.from({ length: 20 }, () => ready());
  hangUp.abort();
  expect(await first).toBe('gone');
  expect(new Set(await Promise.all(others))).toEqual(new Set([503]));
  expect((await trips(name)).count).toBe(1);
  await clearFault(name);
  await expect.poll(() => ready(), { timeout: 10_000 }).toBe(200);
});
