import { expect, test } from 'vitest';
import { query } from '../support/control-client.ts';
import { type CallOptions, type Gatehouse, startGatehouse } from '../support/gatehouse.ts';
import { inThisOrder } from '../support/hold.ts';
import { linkTokenIn, messagesTo, nextMessageTo } from '../support/mailbox.ts';
import { loggedIn, login, type Person } from '../support/person.ts';

const WRONG = { status: 403, body: { code: 'wrong_password' } };
const NEW = 'a brand new kettle';

const change = (gatehouse: Gatehouse, who: Person, options: CallOptions, newPassword = NEW) =>
  gatehouse.post('/change-password', { currentPassword: who.password, newPassword }, options);
const isAlive = async (gatehouse: Gatehouse, token: string) =>
  (await gatehouse.get('/me', { token })).status === 200;

test('the new password opens the account, the old one does not; other sessions end and this one stays', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const other = (await login(gatehouse, ada)).body.data;
  const [before] = await messagesTo(ada.email);

  const changed = await change(gatehouse, ada, { token: ada.accessToken });
  expect(changed.status).toBe(200);

  expect((await login(gatehouse, ada)).status).toBe(401);
  expect((await login(gatehouse, { ...ada, password: NEW })).status).toBe(200);
  expect(await isAlive(gatehouse, ada.accessToken)).toBe(true);
  const { refreshToken } = changed.body.data;
  expect((await gatehouse.post('/refresh', { refreshToken })).status).toBe(200);
  expect(await isAlive(gatehouse, other.accessToken)).toBe(false);
  expect((await gatehouse.post('/refresh', { refreshToken: other.refreshToken })).status).toBe(401);
  await expect
    .poll(async () => (await messagesTo(ada.email)).map(({ subject }) => subject))
    .toContain('Your Gatehouse password was changed');
  expect(before).toBeDefined();
});

test('a wrong current password changes nothing, is recorded, and does not end the session', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const answer = await change(
    gatehouse,
    { ...ada, password: 'not the password' },
    { token: ada.accessToken },
  );
  expect(answer).toMatchObject(WRONG);
  expect(answer.headers.get('WWW-Authenticate')).toBe(null);
  expect(await isAlive(gatehouse, ada.accessToken)).toBe(true);
  expect((await login(gatehouse, ada)).status).toBe(200);
  const { body } = await gatehouse.get('/events', { token: ada.accessToken });
  expect(body.data.events[1]).toMatchObject({ kind: 'password.confirm_failed', outcome: 'failure' });
});

test('a session that has ended is refused before the password is looked at', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  await gatehouse.post('/logout', { refreshToken: ada.refreshToken });
  expect(await change(gatehouse, ada, { token: ada.accessToken })).toMatchObject({
    status: 401,
    body: { code: 'invalid_token' },
  });
});

test('the new password must be acceptable, and the current one is required', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const short = await gatehouse.tripsOf(() => change(gatehouse, ada, { token: ada.accessToken }, 'short'));
  expect(short.answer).toMatchObject({ status: 422, body: { errors: [{ path: 'newPassword' }] } });
  expect(short.count).toBe(0);
  const zoe = { ...ada, password: 'caf\u00e9 noir 77' };
  const equal = await gatehouse.tripsOf(() =>
    change(gatehouse, zoe, { token: ada.accessToken }, 'cafe\u0301 noir 77'),
  );
  expect(equal.answer).toMatchObject({
    status: 422,
    body: { errors: [{ path: 'newPassword', message: 'is the same as the current one' }] },
  });
  expect(equal.count).toBe(0);
  const missing = await gatehouse.post('/change-password', { newPassword: NEW }, { token: ada.accessToken });
  expect(missing).toMatchObject({ status: 422, body: { errors: [{ path: 'currentPassword' }] } });
});

test('a reset link mailed before the change is void after it', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const [before] = await messagesTo(ada.email);
  await gatehouse.post('/forgot-password', { email: ada.email });
  const mail = await nextMessageTo(ada.email, before && { after: before });
  await change(gatehouse, ada, { token: ada.accessToken });
  const answer = await gatehouse.post('/reset-password', {
    token: linkTokenIn(mail),
    newPassword: 'yet another kettle',
  });
  expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_code' } });
});

test('of several changes at once exactly one wins, and its password opens the account', async () => {
  const gatehouse = startGatehouse({ PASSWORD_HASH_WAITING: '20' });
  const ada = await loggedIn(gatehouse);
  const passwords = Array.from({ length: 4 }, (_, i) => `new kettle number ${i}`);
  const answers = await Promise.all(
    passwords.map((password) => change(gatehouse, ada, { token: ada.accessToken }, password)),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  for (const answer of answers) if (answer.status !== 200) expect(answer).toMatchObject(WRONG);
  const winner = passwords[answers.findIndex(({ status }) => status === 200)] ?? '';
  expect((await login(gatehouse, { ...ada, password: winner })).status).toBe(200);
});

test('no session opened or refreshed with the old password outlives a change that it races', async () => {
  const gatehouse = startGatehouse({ PASSWORD_HASH_WAITING: '20' });
  for (let round = 0; round < 3; round++) {
    const ada = await loggedIn(gatehouse);
    const other = (await login(gatehouse, ada)).body.data;
    const [changed, ...raced] = await Promise.all([
      change(gatehouse, ada, { token: ada.accessToken }),
      ...Array.from({ length: 3 }, () => login(gatehouse, ada)),
      ...Array.from({ length: 6 }, () => gatehouse.post('/refresh', { refreshToken: other.refreshToken })),
    ]);
    expect(changed?.status).toBe(200);
    for (const { status, body } of raced) {
      expect([200, 401]).toContain(status);
      if (status === 200) expect(await isAlive(gatehouse, body.data.accessToken)).toBe(false);
    }
    const live = await query(
      'SELECT s.id FROM user_sessions s JOIN users u ON u.id = user_id WHERE u.email = $1 AND revoked_at IS NULL',
      [ada.email],
    );
    expect(live).toHaveLength(1);
  }
});

test('a login that succeeds just before the change is logged out by it, one just after is refused', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const [before, changed, after] = await inThisOrder(gatehouse, ada.email, [
    { send: () => login(gatehouse, ada), trips: 2 },
    { send: () => change(gatehouse, ada, { token: ada.accessToken }), trips: 2 },
    { send: () => login(gatehouse, ada), trips: 2 },
  ]);
  expect([before?.status, changed?.status, after?.status]).toEqual([200, 200, 401]);
  expect(await isAlive(gatehouse, before?.body.data.accessToken)).toBe(false);
});
