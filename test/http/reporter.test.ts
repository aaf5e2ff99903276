/** Sentry: what it is told, and what it is not told. That nobody waits for it: test/invariants/bad-days/sentry.test.ts. */
import { expect, test } from 'vitest';
import { fault } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { login } from '../support/person.ts';
import { sentryDsn } from '../support/sentry-client.ts';

const ada = { name: 'Ada', email: 'marked-address@example.com', password: 'marked-password' };
const MARKED = /marked|SELECT|by order of|203\.0\.113|Mozilla|cookie/i;
const headers = { 'CF-Connecting-IP': '203.0.113.77', 'User-Agent': 'Mozilla marked', Cookie: 'a=marked' };

test('an unforeseen error reaches Sentry with its request id, and without statement, body, header or person', async () => {
  const { dsn, envelopes } = sentryDsn();
  const gatehouse = startGatehouse({ SENTRY_DSN: dsn, LOG_LEVEL: 'silent' });
  await fault(gatehouse.name, { fail: 'XX000' });
  const answer = await gatehouse.post('/login', { email: ada.email, password: ada.password }, { headers });
  expect(answer).toMatchObject({ status: 500, body: { code: 'internal_error' } });

  const [envelope = '', ...others] = await envelopes();
  expect(others).toEqual([]);
  const event = JSON.parse(envelope.trim().split('\n').at(-1) ?? '');
  expect(event.tags).toEqual({
    worker: 'gatehouse-api',
    requestId: answer.body.requestId,
    route: '/api/v1/auth/login',
  });
  expect(event.environment).toBe('local');
  const [exception] = event.exception.values;
  expect(exception).toMatchObject({ type: expect.any(String), value: 'XX000' });
  expect(exception.stacktrace.frames.length).toBeGreaterThan(0);
  expect(event).not.toHaveProperty('request');
  expect(event).not.toHaveProperty('user');
  expect(envelope).not.toMatch(MARKED);
});

test('refusals, and a database that is down, are not reported', async () => {
  const { dsn, envelopes } = sentryDsn();
  const gatehouse = startGatehouse({ SENTRY_DSN: dsn, LOG_LEVEL: 'silent' });
  expect((await gatehouse.get('/me')).status).toBe(401);
  expect((await login(gatehouse, ada)).status).toBe(401);
  await fault(gatehouse.name, { fail: 'refuse' });
  expect((await login(gatehouse, ada)).status).toBe(503);
  expect(await envelopes()).toEqual([]);
});
