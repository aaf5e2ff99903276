/**
 * The built bundle in a workerd of its own, where each request has a context of its own and may not wait for a promise of
 * another one, which tests inside a Worker do not show.
 */
import { expect, inject, onTestFinished, test } from 'vitest';
import { createTestHarness } from 'wrangler';
import { fault, trips } from '../support/control-client.ts';

const { DATABASE_URL, ...values } = inject('env');

/** A Worker of its own, which has never been asked: a verdict it has given once is repeated for a minute. */
async function freshWorker() {
  const name = `readiness-${crypto.randomUUID()}`;
  const server = createTestHarness({
    root: process.cwd(),
    workers: [
      {
        configPath: 'wrangler.toml',
        vars: {
          ...values,
          DATABASE_URL: `${DATABASE_URL}?application_name=${name}`,
          RESEND_WEBHOOK_SECRET: 'off',
          HEALTH_CACHE_SECONDS: '60',
        },
      },
    ],
  });
  await server.listen();
  onTestFinished(() => server.close());
  const ready = async ({ signal }: { signal?: AbortSignal } = {}) => {
    const response = await server.fetch('/health/ready', { ...(signal && { signal }) });
    await response.body?.cancel();
    return response.status;
  };
  return { name, ready };
}

test('many readiness calls at once reach a hanging database once, and all are answered', async () => {
  const { name, ready } = await freshWorker();
  await fault(name, { fail: 'hang' });
  const statuses = await Promise.all(Array.from({ length: 150 }, () => ready()));
  expect(new Set(statuses)).toEqual(new Set([503]));
  expect((await trips(name)).count).toBe(1);
});

test('whoever hangs up first takes nobody along', async () => {
  // A check is given up after a second: on a busy machine the first may have its answer before it hangs up.
  while (!(await isHungUpAndOthersAreAnswered()));
});

async function isHungUpAndOthersAreAnswered(): Promise<boolean> {
  const { name, ready } = await freshWorker();
  await fault(name, { fail: 'hang' });
  const hangUp = new AbortController();
  const first = ready(hangUp).catch(() => 'gone');
  await expect.poll(async () => (await trips(name)).count).toBe(1);
  const others = Array.from({ length: 20 }, () => ready());
  hangUp.abort();
  const outcome = await first;
  expect(['gone', 503]).toContain(outcome);
  expect(new Set(await Promise.all(others))).toEqual(new Set([503]));
  expect((await trips(name)).count).toBe(1);
  return outcome === 'gone';
}
