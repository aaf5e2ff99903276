/** Sentry: what it is told, what it is not told, and that nobody waits for it. */
import { expect, test } from 'vitest';
import { linesOf } from '../support/console.ts';
import { clearFault, fault } from '../support/control-client.ts';
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

test.each([
  ['down', 'http://key@127.0.0.1:9/1'],
  ['slow', sentryDsn('2').dsn],
])('Sentry %s changes nothing: the answer is the same and no one waits', async (_, dsn) => {
  const gatehouse = startGatehouse({ SENTRY_DSN: dsn });
  await fault(gatehouse.name, { fail: 'XX000' });
  const waiting: Promise<unknown>[] = [];
  const started = performance.now();
  const { answer, lines } = await linesOf(() =>
    gatehouse.answerOnly(
      new Request('http://localhost:8787/api/v1/auth/login', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ email: ada.email, password: ada.password }),
      }),
      waiting,
    ),
  );
  expect(performance.now() - started).toBeLessThan(1_000);
  expect(answer.status).toBe(500);
  expect(lines).toHaveLength(1);
  // What is left to do ends by itself, and as if all were well.
  await Promise.all(waiting);
  await clearFault(gatehouse.name);
  expect((await login(gatehouse, ada)).status).toBe(401);
});
