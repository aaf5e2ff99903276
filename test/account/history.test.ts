import { expect, test } from 'vitest';
import { query } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { loggedIn, login } from '../support/person.ts';

type Entry = { id: string; kind: string; outcome: string };

test('the history holds what happened, newest first, with outcome, client and device', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const headers = { 'CF-Connecting-IP': '203.0.113.7', 'User-Agent': 'curl/8.5.0' };
  await gatehouse.post('/login', { email: ada.email, password: 'not the password' }, { headers });

  const { status, body } = await gatehouse.get('/events', { token: ada.accessToken });
  expect(status).toBe(200);
  expect(body.data.nextCursor).toBe(null);
  expect(body.data.events.map(({ kind }: Entry) => kind)).toEqual([
    'login.failed',
    'login.success',
    'signup.verified',
    'signup.requested',
  ]);
  expect(body.data.events[0]).toEqual({
    id: expect.any(String),
    at: expect.stringMatching(/^\d{4}-.*Z$/),
    kind: 'login.failed',
    outcome: 'failure',
    client: '203.0.113.7',
    device: 'curl',
  });
  expect(body.data.events[1]).toMatchObject({
    outcome: 'success',
    client: expect.stringContaining(':'),
    device: null,
  });
});

test('what failed or was refused is shown as a failure, what was done as a success', async () => {
  const gatehouse = startGatehouse({ LOGIN_FAILURES_IN_A_ROW: '3', LOGIN_TRIES: '2' });
  const ada = await loggedIn(gatehouse);
  const { accessToken: token, deviceToken } = ada;
  const stolen = (await login(gatehouse, ada)).body.data.refreshToken;
  const next = (await gatehouse.post('/refresh', { refreshToken: stolen })).body.data.refreshToken;
  await gatehouse.post('/refresh', { refreshToken: next });
  await gatehouse.post('/refresh', { refreshToken: stolen });
  const wrong = { currentPassword: 'not the password', newPassword: 'a brand new kettle' };
  await gatehouse.post('/change-password', wrong, { token });
  await gatehouse.post('/change-email/confirm', { code: '000000' }, { token });
  await gatehouse.call('PATCH', '/me', { name: 'Ada K.' }, { token });
  for (let time = 0; time < 4; time++)
    await login(gatehouse, { ...ada, password: 'not the password', deviceToken });
  for (let time = 0; time < 4; time++)
    await gatehouse.post('/login', { email: ada.email, password: 'not the password' });
  await gatehouse.delete('/sessions', { token });

  const { events } = (await gatehouse.get('/events?limit=100', { token })).body.data;
  const outcomes = Object.fromEntries(events.map(({ kind, outcome }: Entry) => [kind, outcome]));
  expect(outcomes).toEqual({
    'signup.requested': 'success',
    'signup.verified': 'success',
    'login.success': 'success',
    'profile.changed': 'success',
    'logout.others': 'success',
    'token.reuse_detected': 'failure',
    'password.confirm_failed': 'failure',
    'email.change_failed': 'failure',
    'login.failed': 'failure',
    'login.throttled': 'failure',
    'password.disabled': 'failure',
  });
});

test('pages follow each other without a gap or a repeat, also while new events arrive', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  for (let i = 0; i < 4; i++) await login(gatehouse, ada);
  const page = async (search: string) =>
    (await gatehouse.get(`/events${search}`, { token: ada.accessToken })).body.data;
  const all = (await page('?limit=100')).events;

  const seen: Entry[] = [];
  let cursor: string | null = null;
  do {
    const { events, nextCursor }: { events: Entry[]; nextCursor: string | null } = await page(
      cursor === null ? '?limit=3' : `?limit=3&cursor=${cursor}`,
    );
    expect(events.length).toBeLessThanOrEqual(3);
    seen.push(...events);
    cursor = nextCursor;
    await login(gatehouse, { ...ada, password: 'not the password' });
  } while (cursor !== null);
  expect(seen).toEqual(all);
});

test('nobody sees the history of another person', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const mallory = await loggedIn(gatehouse, 'mallory');
  const read = async (token: string, search = '') =>
    (await gatehouse.get(`/events${search}`, { token })).body.data.events.map(({ id }: Entry) => id);
  const adas = await read(ada.accessToken);
  expect(await read(mallory.accessToken)).not.toEqual(expect.arrayContaining(adas));
  for (const id of await read(mallory.accessToken, `?cursor=${adas[0]}`)) expect(adas).not.toContain(id);
});

test('an invalid query is refused with the name of the field, before any trip to the database', async () => {
  const gatehouse = startGatehouse();
  const { accessToken: token } = await loggedIn(gatehouse);
  for (const [search, path] of [
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=200', 'limit'],
    ['limit=1e1', 'limit'],
    ['limit=5&limit=6', 'limit'],
    ['cursor=x', 'cursor'],
    ["cursor='%20OR%201=1", 'cursor'],
    ['userId=7', 'userId'],
  ]) {
    const { count, answer } = await gatehouse.tripsOf(() => gatehouse.get(`/events?${search}`, { token }));
    expect(answer).toMatchObject({ status: 422, body: { code: 'validation_failed', errors: [{ path }] } });
    expect(count).toBe(0);
  }
});

test('a wrong password confirmation is recorded as refused, also when it is no longer judged', async () => {
  const gatehouse = startGatehouse({ LOGIN_TRIES: '1' });
  const { accessToken: token, email } = await loggedIn(gatehouse);
  for (const status of [403, 429])
    expect((await gatehouse.call('DELETE', '/me', { password: 'not the password' }, { token })).status).toBe(
      status,
    );
  const { sessions } = (await gatehouse.get('/sessions', { token })).body.data;
  const events = await query<{ reason: string; session_id: string }>(
    `SELECT reason, session_id FROM security_events e JOIN users u ON u.id = e.user_id
     WHERE u.email = $1 AND kind = 'password.confirm_failed' ORDER BY e.id`,
    [email],
  );
  const session_id = sessions[0].id;
  expect(events).toEqual([
    { reason: 'wrong_password', session_id },
    { reason: 'locked', session_id },
  ]);
});

test('a last page that is full has no next page', async () => {
  const gatehouse = startGatehouse();
  const { accessToken: token } = await loggedIn(gatehouse);
  const { events, nextCursor } = (await gatehouse.get('/events?limit=3', { token })).body.data;
  expect([events.length, nextCursor]).toEqual([3, null]);
});

test('a page has twenty events unless the query says another number', async () => {
  const gatehouse = startGatehouse();
  const { accessToken: token } = await loggedIn(gatehouse);
  for (let n = 0; n < 20; n++) await gatehouse.call('PATCH', '/me', { name: `Ada ${n}` }, { token });
  const { events, nextCursor } = (await gatehouse.get('/events', { token })).body.data;
  expect([events.length, nextCursor]).toEqual([20, events[19].id]);
});
