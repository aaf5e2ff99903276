import { expect, test } from 'vitest';
import { nobodysCode } from '../support/code.ts';
import { linesOf } from '../support/console.ts';
import { fault } from '../support/control-client.ts';
import { freshClient, startGatehouse } from '../support/gatehouse.ts';
import { loggedIn, login, person, resident } from '../support/person.ts';
import { production } from '../support/production.ts';

const headers = { 'CF-Connecting-IP': '203.0.113.77', 'CF-Ray': '8f2d1c0aabbccdde-FRA' };

async function lineOf(call: () => Promise<unknown>) {
  const { lines } = await linesOf(call);
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? '');
}

test('a request is one JSON line that says what happened, to whom and at what cost', async () => {
  const gatehouse = startGatehouse({ LOG_LEVEL: 'info' });
  const ada = await resident(startGatehouse());
  const { answer, lines } = await linesOf(() =>
    gatehouse.post('/login', { email: ada.email, password: ada.password }, { headers }),
  );
  const line = JSON.parse(lines[0] ?? '');
  expect(lines).toHaveLength(1);
  expect(line).toMatchObject({
    level: 'info',
    event: 'request',
    requestId: headers['CF-Ray'],
    method: 'POST',
    route: '/api/v1/auth/login',
    status: 200,
    code: 'ok',
    dbTrips: 2,
    userId: answer.body.data.user.id,
    events: ['login.success'],
    client: '203.0.113.0/24',
  });
  expect(line.sessionId).toMatch(/^[0-9a-f-]{36}$/);
  for (const duration of [line.durationMs, line.dbMs]) expect(duration).toBeGreaterThan(0);
});

test('a refresh and what is asked with an access token name person and session', async () => {
  const gatehouse = startGatehouse({ LOG_LEVEL: 'info' });
  const { accessToken: token, refreshToken } = await loggedIn(startGatehouse());
  const { sub: userId, sid: sessionId } = JSON.parse(atob(token.split('.')[1] ?? ''));
  for (const ask of [
    () => gatehouse.get('/me', { token }),
    () => gatehouse.post('/refresh', { refreshToken }),
  ])
    expect(await lineOf(ask)).toMatchObject({ status: 200, userId, sessionId });
});

test('of an address no more is logged than its /24 or its /48', async () => {
  const gatehouse = startGatehouse({ LOG_LEVEL: 'info' });
  const clientOf = async (address: string) =>
    (await lineOf(() => gatehouse.get('/me', { headers: { 'CF-Connecting-IP': address } }))).client;
  expect(await clientOf('2001:db8:85a3:8d3:1319:8a2e:370:7348')).toBe('2001:db8:85a3::/48');
  expect(await clientOf('2001:DB8::1')).toBe('2001:db8:0::/48');
  expect(await clientOf('::ffff:203.0.113.77')).toBe('203.0.113.0/24');
  expect(await clientOf('not an address')).toBeUndefined();
});

test('a refusal tells its code, and why where the answer does not', async () => {
  const gatehouse = startGatehouse({ LOG_LEVEL: 'info' });
  const line = await lineOf(() => login(gatehouse, person('nobody')));
  expect(line).toMatchObject({
    level: 'info',
    status: 401,
    code: 'invalid_credentials',
    reason: 'unknown_address',
    events: ['login.failed'],
  });
});

test('a mail that its lane holds back is said, and why', async () => {
  const gatehouse = startGatehouse({ LOG_LEVEL: 'info' });
  const { email } = await resident(startGatehouse());
  const client = { headers: { 'CF-Connecting-IP': freshClient() } };
  const forgot = () => gatehouse.post('/forgot-password', { email }, client);
  expect(await lineOf(forgot)).not.toHaveProperty('reason');
  expect(await lineOf(forgot)).toMatchObject({
    status: 200,
    code: 'ok',
    reason: 'mail_budget',
    events: ['reset.requested'],
  });
});

test('each security event is logged under the name it is stored under', async () => {
  const gatehouse = startGatehouse({ LOG_LEVEL: 'info' });
  const { lines } = await linesOf(async () => {
    const ada = await loggedIn(gatehouse);
    const { name, email, password } = ada;
    await gatehouse.post('/signup', { name, email, password });
    await gatehouse.post('/verify-email', { id: crypto.randomUUID(), code: '000000' });
    await gatehouse.post('/verify-email/resend', { id: crypto.randomUUID() });
    const { refreshToken } = ada;
    await gatehouse.post('/refresh', { refreshToken });
    gatehouse.clock.travel(11);
    await gatehouse.post('/refresh', { refreshToken });
    await gatehouse.post('/logout', { refreshToken: (await login(gatehouse, ada)).body.data.refreshToken });
  });
  const events = lines.flatMap((line) => JSON.parse(line).events ?? []);
  expect(events).toEqual([
    'signup.requested',
    'signup.verified',
    'login.success',
    'signup.existing_notice',
    'verify.failed',
    'verify.resent',
    'token.reuse_detected',
    'login.success',
    'logout',
  ]);
});

test('so is each event of an account in use', async () => {
  const gatehouse = startGatehouse({ LOG_LEVEL: 'info' });
  const ada = await loggedIn(startGatehouse());
  const { accessToken: token, password } = ada;
  const { lines } = await linesOf(async () => {
    await gatehouse.post('/forgot-password', { email: ada.email });
    await gatehouse.call('PATCH', '/me', { name: 'Countess' }, { token });
    const change = { newEmail: person('moved').email, currentPassword: password };
    await gatehouse.post('/change-email', change, { token });
    await gatehouse.post('/change-email/confirm', { code: await nobodysCode(gatehouse) }, { token });
    await gatehouse.post(
      '/change-password',
      { currentPassword: 'not it', newPassword: 'x'.repeat(20) },
      { token },
    );
    await gatehouse.call('DELETE', '/sessions', undefined, { token });
    await gatehouse.call('DELETE', `/sessions/${crypto.randomUUID()}`, undefined, { token });
    await gatehouse.call('DELETE', '/me', { password }, { token });
  });
  const requests = lines.map((line) => JSON.parse(line)).filter(({ event }) => event === 'request');
  expect(requests.map(({ events }) => events)).toEqual([
    ['reset.requested'],
    ['profile.changed'],
    ['email.change_requested'],
    ['email.change_failed'],
    ['password.confirm_failed'],
    ['logout.others'],
    undefined,
    ['account.deleted'],
  ]);
});

test('a path of the client’s own making is not logged, its route is', async () => {
  const gatehouse = startGatehouse({ LOG_LEVEL: 'info' });
  const line = await lineOf(() => gatehouse.get('/secret-marker?token=secret-marker'));
  expect(line).toMatchObject({ status: 404, code: 'not_found', route: '/*' });
  expect(JSON.stringify(line)).not.toContain('secret-marker');
});

test('a fault is logged by class, SQLSTATE and frames, without statement or parameters', async () => {
  const gatehouse = startGatehouse();
  await fault(gatehouse.name, { fail: 'XX000' });
  const line = await lineOf(() =>
    login(gatehouse, { name: 'x', email: 'marked@example.com', password: 'secret-marker' }),
  );
  expect(line).toMatchObject({
    level: 'error',
    status: 500,
    code: 'internal_error',
    fault: { error: 'NeonDbError', sqlState: 'XX000' },
  });
  expect(line.fault.frames.length).toBeGreaterThan(0);
  expect(JSON.stringify(line)).not.toMatch(/marked@|secret-marker|SELECT|by order of/);
});

test('LOG_LEVEL decides what is worth a line', async () => {
  const linesAt = async (level: string, path: string) => {
    const gatehouse = startGatehouse({ LOG_LEVEL: level });
    return (await linesOf(() => gatehouse.get(path))).lines.length;
  };
  expect(await linesAt('debug', '//health/live')).toBe(1);
  expect(await linesAt('info', '//health/live')).toBe(0);
  expect(await linesAt('info', '/me')).toBe(1);
  expect(await linesAt('warn', '/me')).toBe(0);
});

test('Server-Timing tells trips and durations, but not in production', async () => {
  const timing = async (environment: string) => {
    const gatehouse = startGatehouse({ ...production, ENVIRONMENT: environment });
    const response = await gatehouse.fetch(
      new Request(`${production.ISSUER}/api/v1/auth/logout`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ refreshToken: 'x' }),
      }),
    );
    return response.headers.get('Server-Timing');
  };
  expect(await timing('staging')).toMatch(/^total;dur=\d+, db;dur=0;desc="0 trips"$/);
  expect(await timing('production')).toBeNull();
});
