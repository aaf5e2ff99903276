import { expect, test } from 'vitest';
import { linesOf } from '../support/console.ts';
import { clearFault, fault, query } from '../support/control-client.ts';
import { startGatehouse, startStill } from '../support/gatehouse.ts';
import { resident } from '../support/person.ts';

// The database is shared: mail that other tests leave owed, at most 20 days old, must not decide these.
const PATIENT = { MAIL_BACKLOG_SECONDS: `${30 * 86_400}` };
/** A check has a second, in which a busy machine may not answer: then it is asked again, as soon as it may be. */
const EACH_ASKS = { HEALTH_CACHE_SECONDS: '1' };

test('liveness asks nothing of any dependency', async () => {
  const gatehouse = startGatehouse();
  await fault(gatehouse.name, { fail: 'refuse' });
  const { count, answer } = await gatehouse.tripsOf(() => gatehouse.get('//health/live'));
  expect(answer).toMatchObject({ status: 200, body: { data: null } });
  expect(count).toBe(0);
});

test.each(['//health', '//health/ready'])(
  '%s asks the dependencies and names no version or host',
  async (path) => {
    const gatehouse = startGatehouse({ ...PATIENT, ...EACH_ASKS });
    const asked = async () => {
      const { count, answer } = await gatehouse.tripsOf(() => gatehouse.get(path));
      return { count, body: answer.body };
    };
    await expect.poll(asked).toEqual({
      count: 1,
      body: {
        status: 200,
        message: 'Ready.',
        data: { checks: { database: 'ok', redis: 'ok', mail: 'ok', passkeys: 'ok' } },
      },
    });
  },
);

test.each(['refuse', 'hang'])(
  'a database that is down (%s) is said before its trip gives up',
  async (kind) => {
    const gatehouse = startGatehouse(EACH_ASKS);
    await fault(gatehouse.name, { fail: kind });
    const ask = () => gatehouse.get('//health/ready');
    await expect.poll(ask).toMatchObject({
      status: 503,
      waitedMs: 0,
      body: {
        code: 'service_unavailable',
        checks: { database: 'down', redis: 'ok', mail: 'down', passkeys: 'down' },
      },
    });
    const { headers, body } = await ask();
    expect(headers.get('Content-Type')).toContain('application/problem+json');
    expect(Number(headers.get('Retry-After'))).toBeGreaterThan(0);
    expect(JSON.stringify(body)).not.toMatch(/postgres|neon|127\.0\.0\.1/i);
  },
);

test('many probes at once are one, and all are told the same', async () => {
  const gatehouse = startGatehouse({ HEALTH_CACHE_SECONDS: '60', DATABASE_TIMEOUT_MS: '2000', ...PATIENT });
  await fault(gatehouse.name, { fail: 'hang' });
  const probe = () => gatehouse.get('//health/ready');
  const { count, answer: answers } = await gatehouse.tripsOf(() =>
    Promise.all(Array.from({ length: 150 }, probe)),
  );
  expect(count).toBe(1);
  expect(new Set(answers.map(({ status, body }) => JSON.stringify([status, body.checks]))).size).toBe(1);
  expect(answers[0]).toMatchObject({
    status: 503,
    body: { checks: { database: 'down', mail: 'down', passkeys: 'down' } },
  });
  await clearFault(gatehouse.name);
  // The next probe goes out when the trip of this one has given up.
  const database = async () => {
    gatehouse.clock.travel(61);
    const { body } = await probe();
    // Of the database alone: mail that earlier tests leave owed may wait too long by this clock.
    return (body.data ?? body).checks.database;
  };
  await expect.poll(database).toBe('ok');
});

test('a verdict is kept for seconds, whatever it was', async () => {
  const gatehouse = startStill({ HEALTH_CACHE_SECONDS: '5', ...PATIENT });
  await fault(gatehouse.name, { fail: 'refuse' });
  expect((await gatehouse.get('//health')).status).toBe(503);
  await clearFault(gatehouse.name);
  const { count, answer } = await gatehouse.tripsOf(() => gatehouse.get('//health'));
  expect({ count, status: answer.status }).toEqual({ count: 0, status: 503 });
  const later = async () => {
    gatehouse.clock.travel(6);
    return (await gatehouse.get('//health')).status;
  };
  await expect.poll(later).toBe(200);
});

test('mail that waits too long makes it not ready, and not a minute before', async () => {
  // Longer than any that other tests leave owed can have waited by then.
  const limit = 30 * 86_400;
  const gatehouse = startGatehouse({ MAIL_BACKLOG_SECONDS: `${limit}`, ...EACH_ASKS });
  const { email } = await resident(gatehouse);
  // Marked as queued, so no sweep queues it and nobody delivers it meanwhile.
  const [mail] = await query<{ id: string }>(
    `INSERT INTO email_outbox (id, kind, user_id, recipient, created_at, queued_at)
     SELECT gen_random_uuid(), 'already_registered', id, email, now() - interval '25 days', now() + interval '20 days'
     FROM users WHERE email = $1 RETURNING id`,
    [email],
  );
  // What was sent long ago waits no more.
  const sent = await query<{ id: string }>(
    `INSERT INTO email_outbox (id, kind, status, user_id, recipient, created_at, finished_at)
     SELECT gen_random_uuid(), 'already_registered', 'sent', id, email, now() - interval '40 days', now()
     FROM users WHERE email = $1 RETURNING id`,
    [email],
  );
  gatehouse.clock.travel(limit - 25 * 86_400 - 120);
  const ask = () => gatehouse.get('//health/ready');
  await expect.poll(ask).toMatchObject({ status: 200 });
  gatehouse.clock.travel(180);
  await expect.poll(ask).toMatchObject({
    status: 503,
    body: { checks: { database: 'ok', redis: 'ok', mail: 'down', passkeys: 'ok' } },
  });
  await query('DELETE FROM email_outbox WHERE id IN ($1, $2)', [mail?.id, sent[0]?.id]);
});

test('a probe is logged when it finds something down, as a warning, and not when all is well', async () => {
  const linesAt = async (isDown: boolean) => {
    const gatehouse = startGatehouse({ LOG_LEVEL: 'info', ...PATIENT, ...EACH_ASKS });
    if (isDown) await fault(gatehouse.name, { fail: 'refuse' });
    const { lines } = await linesOf(() => gatehouse.get('//health/ready'));
    return lines.map((line) => JSON.parse(line));
  };
  expect(await linesAt(true)).toMatchObject([
    { level: 'warn', status: 503, code: 'service_unavailable', reason: 'not_ready' },
  ]);
  await expect.poll(() => linesAt(false)).toEqual([]);
});
