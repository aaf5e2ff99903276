/**
 * Redis down, slow and flapping, alone and together with Postgres: the journey goes on within 3 s, and no limit that
 * guards a secret or a mailbox is silently gone.
 */
import { expect, test } from 'vitest';
import { endpoints } from '../../../src/app.ts';
import { isEdgeLimit } from '../../../src/config/limits.ts';
import { linesOf } from '../../support/console.ts';
import { clearFault, fault as setFault } from '../../support/control-client.ts';
import { allOf, each, everyone, heldOf, statusesOf, timed } from '../../support/everyone.ts';
import { freshClient, ONE_WINDOW, startGatehouse } from '../../support/gatehouse.ts';
import { inAHurry } from '../../support/hurry.ts';

const ALL_AT_ONCE = 20;

test.each([
  ['10 s late', { delayMs: 10_000 }],
  ['flapping', { fail: 'refuse', rate: 0.5 }],
  ['stalled within an answer', { fail: 'stall' }],
  ['cut within an answer', { fail: 'cut' }],
] as [string, Parameters<typeof setFault>[1]][])(
  'Redis %s: each endpoint answers as ever, in time',
  async (_, kind) => {
    const gatehouse = startGatehouse({ LIMITER_TIMEOUT_MS: '300' });
    const all = await everyone(gatehouse);
    await setFault(`redis:${gatehouse.name}`, kind);
    expect(statusesOf(await allOf(all))).toEqual(each(200));
  },
);

test('while Redis is down, every endpoint that judges a secret or causes a mail keeps its limit', async () => {
  const kept = endpoints.filter((endpoint) => endpoint.limits.some((name) => !isEdgeLimit(name)));
  const names = new Set(kept.flatMap((endpoint) => endpoint.limits).filter((name) => !isEdgeLimit(name)));
  const gatehouse = startGatehouse({ LIMITS: [...names].map((name) => `${name}=2/${ONE_WINDOW}`).join(';') });
  await setFault(`redis:${gatehouse.name}`, { fail: 'refuse' });
  expect(kept.length).toBeGreaterThan(8);
  for (const { method, path } of kept) {
    const headers = { 'CF-Connecting-IP': freshClient() };
    const call = () => timed(() => gatehouse.call(method.toUpperCase(), path, {}, { headers }));
    // Endpoints that share a limit have a client each.
    const statuses = [await call(), await call(), await call()].map(({ status }) => status);
    expect(
      statuses.map((status) => status === 429),
      `${method} ${path}: ${statuses}`,
    ).toEqual([false, false, true]);
  }
});

test('that Redis is done without is said once a minute, not once a request', async () => {
  const gatehouse = startGatehouse({ LOG_LEVEL: 'warn' });
  await setFault(`redis:${gatehouse.name}`, { fail: 'refuse' });
  const { lines } = await linesOf(async () => {
    for (let time = 0; time < 3; time++) await gatehouse.post('/login', {});
  });
  expect(lines).toEqual(['{"level":"warn","event":"limiter.degraded"}']);
  const { config, clock } = gatehouse;
  const checks = async () => {
    // The last probe is kept for a while.
    clock.travel(config.healthCacheSeconds);
    return (await gatehouse.get('//health/ready')).body.checks;
  };
  await expect.poll(checks).toMatchObject({ database: 'ok', redis: 'down' });
});

test('what is counted at the edge alone demands a token of ours or asks nothing, and judges no password or code', () => {
  const passing = endpoints.filter(({ limits: names }) => names.every(isEdgeLimit));
  expect(passing.map(({ method, path, guard }) => `${guard} ${method} ${path}`).sort()).toEqual([
    'open post /login/passkey/options',
    'open post /logout',
    'open post /refresh',
    'secured delete /sessions',
    'secured delete /sessions/:id',
    'secured get /events',
    'secured get /factors',
    'secured get /me',
    'secured get /me/export',
    'secured get /sessions',
    'secured patch /factors/passkeys/:id',
    'secured patch /me',
    'secured post /step-up/options',
  ]);
});

test('Redis and Postgres down or hanging: each endpoint says 503 in time and nothing is written; Postgres alone carries the journey', async () => {
  const gatehouse = startGatehouse({ LOG_LEVEL: 'silent', LIMITER_TIMEOUT_MS: '300' });
  const all = await everyone(gatehouse);
  const held = await heldOf(all);
  for (const fail of ['hang', 'refuse']) {
    await setFault(`redis:${gatehouse.name}`, { fail });
    await setFault(gatehouse.name, { fail });
    const answers = await inAHurry(gatehouse, () => allOf(all, ALL_AT_ONCE));
    for (const [name, { status, body }] of Object.entries(answers))
      expect({ status, code: body.code }, name).toEqual({ status: 503, code: 'service_unavailable' });
  }
  await clearFault(gatehouse.name);
  expect(await heldOf(all)).toEqual(held);
  expect(statusesOf(await allOf(all))).toEqual(each(200));
});
