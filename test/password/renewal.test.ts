/** A change of the password gives its session new tokens; copies of the old ones are dead, and a lost answer can be had again. */
import { expect, test } from 'vitest';
import { browser, type Cookie, cookiesOf, signedIn, startAllowing } from '../support/browser.ts';
import { clearFault, fault } from '../support/control-client.ts';
import { type Answer, type Gatehouse, startGatehouse } from '../support/gatehouse.ts';
import { endsOf, eventsOf, mailsOwedTo } from '../support/history.ts';
import { hold } from '../support/hold.ts';
import { loggedIn, login, type Person } from '../support/person.ts';
import { REFUSED } from '../support/refresher.ts';

const WRONG = { status: 403, body: { code: 'wrong_password' } };
const NEW = 'a brand new kettle';

const change = (
  gatehouse: Gatehouse,
  { password }: Pick<Person, 'password'>,
  token: string,
  newPassword = NEW,
): Promise<Answer> =>
  gatehouse.post('/change-password', { currentPassword: password, newPassword }, { token });

test('the answer carries new tokens; copies of the old ones are refused and end nothing', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const older = ada.refreshToken;
  const copied = (await gatehouse.post('/refresh', { refreshToken: older })).body.data.refreshToken;
  const { status, body } = await change(gatehouse, ada, ada.accessToken);
  expect(status).toBe(200);
  expect(Object.keys(body.data).sort()).toEqual([
    'accessToken',
    'deviceToken',
    'expiresIn',
    'refreshToken',
    'tokenType',
  ]);
  const { refreshToken, deviceToken, accessToken } = body.data;
  for (const token of [copied, older])
    for (const device of [ada.deviceToken, deviceToken, undefined])
      expect(await gatehouse.post('/refresh', { refreshToken: token, deviceToken: device })).toMatchObject(
        REFUSED,
      );
  expect(await endsOf(ada.email)).toEqual([null]);
  expect(await eventsOf(ada.email, 'token.%')).toEqual([]);
  expect((await gatehouse.get('/me', { token: accessToken })).status).toBe(200);
  expect((await gatehouse.post('/refresh', { refreshToken, deviceToken })).status).toBe(200);
});

test('a session that goes on with new tokens ends after 7 idle days like any other', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const { refreshToken } = (await change(gatehouse, ada, ada.accessToken)).body.data;
  gatehouse.clock.travel(7 * 86_400 + 1);
  expect(await gatehouse.post('/refresh', { refreshToken })).toMatchObject(REFUSED);
});

test('the old device token identifies no device: not that of the session, and that of no login', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const { refreshToken, deviceToken } = (await change(gatehouse, ada, ada.accessToken)).body.data;
  await gatehouse.post('/refresh', { refreshToken, deviceToken });
  expect(await gatehouse.post('/refresh', { refreshToken, deviceToken: ada.deviceToken })).toMatchObject(
    REFUSED,
  );
  expect(await eventsOf(ada.email, 'token.%')).toEqual(['token.reuse_detected']);
  await login(gatehouse, { ...ada, password: NEW });
  expect(await mailsOwedTo(ada.email, 'new_device')).toBe(1);
});

const cookiesHeld = (answer: Answer, jar: Record<string, Cookie>) => ({ ...jar, ...cookiesOf(answer) });

test('with cookies the new tokens are cookies, and a session never changes its transport', async () => {
  const gatehouse = startAllowing();
  const { who, answer, jar } = await signedIn(gatehouse);
  const { accessToken: token } = answer.body.data;
  const body = { currentPassword: who.password, newPassword: NEW };
  const asBody = await gatehouse.post('/change-password', body, { token });
  expect(asBody).toMatchObject({ status: 422, body: { errors: [{ path: 'X-Gatehouse-Transport' }] } });

  const changed = await gatehouse.post('/change-password', body, { ...browser(jar), token });
  expect(changed.status).toBe(200);
  expect(Object.keys(changed.body.data).sort()).toEqual(['accessToken', 'expiresIn', 'tokenType']);
  expect((await gatehouse.post('/refresh', {}, browser(jar))).status).toBe(401);
  expect((await gatehouse.post('/refresh', {}, browser(cookiesHeld(changed, jar)))).status).toBe(200);

  const app = await loggedIn(gatehouse);
  const asCookie = await gatehouse.post(
    '/change-password',
    { currentPassword: app.password, newPassword: NEW },
    { ...browser(), token: app.accessToken },
  );
  expect(asCookie.status).toBe(422);
  expect(asCookie.headers.getSetCookie()).toEqual([]);
  expect((await login(gatehouse, app)).status).toBe(200);
});

test('sent again after a lost answer it succeeds again, with tokens that work, one event and one mail', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const lost = await change(gatehouse, ada, ada.accessToken);
  gatehouse.clock.travel(500);
  const again = await change(gatehouse, ada, ada.accessToken);
  expect(again.status).toBe(200);
  const { refreshToken, deviceToken } = again.body.data;
  expect(refreshToken).not.toBe(lost.body.data.refreshToken);
  expect((await gatehouse.post('/refresh', { refreshToken, deviceToken })).status).toBe(200);
  expect(await eventsOf(ada.email, 'password.changed')).toEqual(['password.changed']);
  expect(await mailsOwedTo(ada.email, 'password_changed')).toBe(1);
  expect(await eventsOf(ada.email, 'password.confirm_failed')).toEqual([]);
});

test('the second try is for the session that made the change, for ten minutes, and for that password', async () => {
  const gatehouse = startGatehouse({ ACCESS_TOKEN_SECONDS: '3600' });
  const ada = await loggedIn(gatehouse);
  await change(gatehouse, ada, ada.accessToken);
  const other = (await login(gatehouse, { ...ada, password: NEW })).body.data;
  expect(await change(gatehouse, ada, other.accessToken)).toMatchObject(WRONG);
  expect(await change(gatehouse, ada, ada.accessToken, 'yet another kettle')).toMatchObject(WRONG);
  gatehouse.clock.travel(601);
  expect(await change(gatehouse, ada, ada.accessToken)).toMatchObject(WRONG);
});

test('however often the answer is lost, sending the request again is no failure', async () => {
  const gatehouse = startGatehouse({ LOGIN_TRIES: '2' });
  const ada = await loggedIn(gatehouse);
  for (let time = 0; time < 4; time++)
    expect((await change(gatehouse, ada, ada.accessToken)).status).toBe(200);
});

test('a later change of the password ends the second try of an earlier one', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  await change(gatehouse, ada, ada.accessToken);
  expect((await change(gatehouse, { password: NEW }, ada.accessToken, 'yet another kettle')).status).toBe(
    200,
  );
  expect(await change(gatehouse, ada, ada.accessToken)).toMatchObject(WRONG);
});

test('guesses at the new password count like any others', async () => {
  const gatehouse = startGatehouse({ LOGIN_TRIES: '3' });
  const ada = await loggedIn(gatehouse);
  await change(gatehouse, ada, ada.accessToken);
  for (let guess = 0; guess < 3; guess++)
    expect(
      await change(gatehouse, { password: 'a guess' }, ada.accessToken, `guess number ${guess}`),
    ).toMatchObject(WRONG);
  expect(await change(gatehouse, ada, ada.accessToken)).toMatchObject({
    status: 429,
    body: { code: 'login_locked' },
  });
});

test('a change whose second trip fails is answered 503, and the same request then succeeds', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  await fault(gatehouse.name, { fail: 'refuse', skip: 1 });
  expect((await change(gatehouse, ada, ada.accessToken)).status).toBe(503);
  await clearFault(gatehouse.name);
  expect((await change(gatehouse, ada, ada.accessToken)).status).toBe(200);
});

test('a running logout comes first: nothing is changed, and no ended session is renewed', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const held = await hold(
    'SELECT s.id FROM user_sessions s JOIN users u ON u.id = s.user_id WHERE u.email = $1 FOR UPDATE OF s',
    [ada.email],
  );
  const ended = gatehouse.post('/logout', { refreshToken: ada.refreshToken });
  await held.waitedForBy(1);
  const changing = change(gatehouse, ada, ada.accessToken);
  await held.waitedForBy(2);
  await held.letGo();
  expect((await ended).status).toBe(200);
  expect(await changing).toMatchObject(WRONG);
  expect((await login(gatehouse, ada)).status).toBe(200);
});
