import { expect, test } from 'vitest';
import { query } from '../support/control-client.ts';
import { type Gatehouse, startGatehouse } from '../support/gatehouse.ts';
import { eventsOf } from '../support/history.ts';
import { inThisOrder } from '../support/hold.ts';
import { loggedIn, login, type Person, resident } from '../support/person.ts';

const FIREFOX = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 14.7; rv:145.0) Gecko/20100101 Firefox/145.0';

const signIn = async (gatehouse: Gatehouse, { email, password }: Person, userAgent?: string) => {
  const headers = userAgent === undefined ? {} : { 'User-Agent': userAgent };
  return (await gatehouse.post('/login', { email, password }, { headers })).body.data;
};
const list = async (gatehouse: Gatehouse, token: string) =>
  (await gatehouse.get('/sessions', { token })).body.data.sessions;
const isAlive = async (gatehouse: Gatehouse, token: string) =>
  (await gatehouse.get('/me', { token })).status === 200;

test('the list says which device, since when, last used when, and which is this one', async () => {
  const gatehouse = startGatehouse();
  const ada = await resident(gatehouse);
  const first = await signIn(gatehouse, ada, FIREFOX);
  gatehouse.clock.travel(60);
  const second = await signIn(gatehouse, ada);

  const sessions = await list(gatehouse, first.accessToken);
  expect(sessions).toEqual([
    expect.objectContaining({ current: false, browser: null, device: null, place: null }),
    expect.objectContaining({ current: true, browser: 'Firefox', device: 'Mac', place: null }),
  ]);
  expect(Object.keys(sessions[0]).sort()).toEqual([
    'browser',
    'createdAt',
    'current',
    'device',
    'id',
    'lastUsedAt',
    'place',
  ]);

  gatehouse.clock.travel(360);
  await gatehouse.post('/refresh', { refreshToken: first.refreshToken });
  gatehouse.clock.travel(300);
  const [newest] = await list(gatehouse, second.accessToken);
  expect(newest).toMatchObject({ browser: 'Firefox', current: false });
  expect(Date.parse(newest.lastUsedAt) - Date.parse(newest.createdAt)).toBeGreaterThanOrEqual(120_000);
});

test('the place is what Cloudflare knows of the client', async () => {
  const gatehouse = startGatehouse();
  const { email, password } = await resident(gatehouse);
  const request = new Request(`${gatehouse.config.issuer}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, password }),
    cf: { city: 'Lisbon', country: 'PT' } as RequestInitCfProperties,
  });
  const { data } = (await (await gatehouse.fetch(request)).json()) as { data: { accessToken: string } };
  expect(await list(gatehouse, data.accessToken)).toMatchObject([{ place: 'Lisbon, PT' }]);
});

test('a session that is ended by its id is refused at once, and no other', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const phone = await signIn(gatehouse, ada);
  const [{ id }] = (await list(gatehouse, ada.accessToken)).filter((it: { current: boolean }) => !it.current);

  expect((await gatehouse.delete(`/sessions/${id}`, { token: ada.accessToken })).status).toBe(200);

  expect(await isAlive(gatehouse, phone.accessToken)).toBe(false);
  expect((await gatehouse.post('/refresh', { refreshToken: phone.refreshToken })).status).toBe(401);
  expect(await list(gatehouse, ada.accessToken)).toHaveLength(1);
  const again = await gatehouse.delete(`/sessions/${id}`, { token: ada.accessToken });
  expect(again).toMatchObject({ status: 404, body: { code: 'not_found' } });
  expect(await eventsOf(ada.email, 'session.%')).toEqual(['session.revoked']);
});

test("a stranger's session, an unknown id and a malformed one are all not found, for one trip at most", async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const mallory = await loggedIn(gatehouse, 'mallory');
  const [{ id }] = await list(gatehouse, ada.accessToken);
  for (const target of [id, crypto.randomUUID(), 'x', '..%2Fme']) {
    const { count, answer } = await gatehouse.tripsOf(() =>
      gatehouse.delete(`/sessions/${target}`, { token: mallory.accessToken }),
    );
    expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(count).toBeLessThanOrEqual(1);
  }
  expect(await isAlive(gatehouse, ada.accessToken)).toBe(true);
});

test('who has been logged out is told so, whatever is asked for', async () => {
  const gatehouse = startGatehouse();
  const { accessToken: token, refreshToken } = await loggedIn(gatehouse);
  const [{ id }] = await list(gatehouse, token);
  await gatehouse.post('/logout', { refreshToken });
  for (const answer of [
    await gatehouse.get('/sessions', { token }),
    await gatehouse.delete('/sessions', { token }),
    await gatehouse.delete(`/sessions/${id}`, { token }),
    await gatehouse.delete(`/sessions/${crypto.randomUUID()}`, { token }),
    await gatehouse.get('/events', { token }),
  ]) {
    expect(answer).toMatchObject({ status: 401, body: { code: 'invalid_token' } });
  }
});

test('all others can be ended at once, and this one stays', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const others = [await signIn(gatehouse, ada), await signIn(gatehouse, ada)];
  const answer = await gatehouse.delete('/sessions', { token: ada.accessToken });
  expect(answer).toMatchObject({ status: 200, body: { data: { ended: 2 } } });
  for (const { accessToken } of others) expect(await isAlive(gatehouse, accessToken)).toBe(false);
  expect((await gatehouse.post('/refresh', { refreshToken: ada.refreshToken })).status).toBe(200);
});

test('ending all others while they refresh leaves none of them alive', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const phone = await signIn(gatehouse, ada);
  const [, ...refreshed] = await Promise.all([
    gatehouse.delete('/sessions', { token: ada.accessToken }),
    ...Array.from({ length: 10 }, () => gatehouse.post('/refresh', { refreshToken: phone.refreshToken })),
  ]);
  for (const { status, body } of refreshed) {
    if (status === 200) expect(await isAlive(gatehouse, body.data.accessToken)).toBe(false);
  }
  expect(await list(gatehouse, ada.accessToken)).toHaveLength(1);
});

test('a login that is let in just before all others are ended is one of them', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const [letIn, ended] = await inThisOrder(gatehouse, ada.email, [
    { send: () => login(gatehouse, ada), trips: 2 },
    { send: () => gatehouse.delete('/sessions', { token: ada.accessToken }), trips: 1 },
  ]);
  expect(ended).toMatchObject({ status: 200, body: { data: { ended: 1 } } });
  expect(await isAlive(gatehouse, letIn?.body.data.accessToken)).toBe(false);
});

test('one login over the limit ends the oldest session, also when that is the one in use', async () => {
  const gatehouse = startGatehouse({ SESSIONS_MAX: '3' });
  const ada = await resident(gatehouse);
  const signedIn = [];
  for (let i = 0; i < 3; i++) signedIn.push(await signIn(gatehouse, ada));
  const { refreshToken } = signedIn[0];
  gatehouse.clock.travel(1);
  expect((await gatehouse.post('/refresh', { refreshToken })).status).toBe(200);
  signedIn.push(await signIn(gatehouse, ada));
  const alive = await Promise.all(signedIn.map(({ accessToken }) => isAlive(gatehouse, accessToken)));
  expect(alive).toEqual([false, true, true, true]);
  const events = await query(
    `SELECT kind FROM security_events JOIN users u ON u.id = user_id WHERE u.email = $1 AND kind = 'session.displaced'`,
    [ada.email],
  );
  expect(events).toHaveLength(1);
});

test('logins that arrive together keep the limit too', async () => {
  const gatehouse = startGatehouse({ SESSIONS_MAX: '2', PASSWORD_HASH_WAITING: '20' });
  const ada = await resident(gatehouse);
  const answers = await Promise.all(Array.from({ length: 8 }, () => login(gatehouse, ada)));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  const live = await query(
    'SELECT s.id FROM user_sessions s JOIN users u ON u.id = user_id WHERE u.email = $1 AND revoked_at IS NULL',
    [ada.email],
  );
  expect(live).toHaveLength(2);
});

test('the limit is 20 sessions', async () => {
  expect(startGatehouse().config.sessionsMax).toBe(20);
});
