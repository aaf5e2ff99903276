/** A person who is disabled: nothing opens, nothing goes on, and nothing tells it from a wrong password. */
import { expect, test } from 'vitest';
import { query } from '../support/control-client.ts';
import { startGatehouse, steadyHeaders } from '../support/gatehouse.ts';
import { endsOf, eventsOf } from '../support/history.ts';
import { inThisOrder } from '../support/hold.ts';
import { loggedIn, login, resident } from '../support/person.ts';

const disable = (email: string) => query('UPDATE users SET disabled_at = now() WHERE email = $1', [email]);
const enable = (email: string) => query('UPDATE users SET disabled_at = NULL WHERE email = $1', [email]);

test('the right password is answered like a wrong one, with the same trips', async () => {
  const gatehouse = startGatehouse();
  const [ada, other] = [await resident(gatehouse), await resident(gatehouse)];
  await disable(ada.email);
  const disabled = await gatehouse.tripsOf(() => login(gatehouse, ada));
  const wrong = await gatehouse.tripsOf(() => login(gatehouse, { ...other, password: 'not the password' }));
  expect(disabled.answer.status).toBe(401);
  expect({ ...disabled.answer.body, requestId: '' }).toEqual({ ...wrong.answer.body, requestId: '' });
  expect(steadyHeaders(disabled.answer)).toEqual(steadyHeaders(wrong.answer));
  expect(disabled.count).toBe(wrong.count);
  await enable(ada.email);
  expect((await login(gatehouse, ada)).status).toBe(200);
});

test('live sessions are ended ones: no access token, no refresh, no logout event', async () => {
  const gatehouse = startGatehouse();
  const { accessToken: token, refreshToken, deviceToken, email, password } = await loggedIn(gatehouse);
  await disable(email);
  const answers = [
    await gatehouse.get('/me', { token }),
    await gatehouse.get('/sessions', { token }),
    await gatehouse.delete('/sessions', { token }),
    await gatehouse.get('/events', { token }),
    await gatehouse.get('/me/export', { token }),
    await gatehouse.call('PATCH', '/me', { name: 'Eve' }, { token }),
    await gatehouse.post(
      '/change-password',
      { currentPassword: password, newPassword: 'a brand new kettle' },
      { token },
    ),
  ];
  for (const answer of answers)
    expect(answer).toMatchObject({ status: 401, body: { code: 'invalid_token' } });
  expect(await gatehouse.post('/refresh', { refreshToken, deviceToken })).toMatchObject({
    status: 401,
    body: { code: 'invalid_refresh_token' },
  });
  expect((await gatehouse.post('/logout', { refreshToken, deviceToken })).status).toBe(200);
  expect(await eventsOf(email, 'logout')).toEqual([]);
  expect(await endsOf(email)).toEqual([null]);
});

test('who is disabled between the two trips of a login is not let in', async () => {
  const gatehouse = startGatehouse();
  const ada = await resident(gatehouse);
  const [, answer] = await inThisOrder<unknown>(gatehouse, ada.email, [
    { send: () => disable(ada.email), trips: 0 },
    { send: () => login(gatehouse, ada), trips: 2 },
  ]);
  expect(answer).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } });
  expect(await endsOf(ada.email)).toEqual([]);
});

test('an account without a password is opened by none', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  await query('UPDATE users SET password_hash = NULL WHERE email = $1', [ada.email]);
  expect((await login(gatehouse, ada)).status).toBe(401);
  const change = { currentPassword: ada.password, newPassword: 'a brand new kettle' };
  expect(await gatehouse.post('/change-password', change, { token: ada.accessToken })).toMatchObject({
    status: 403,
    body: { code: 'wrong_password' },
  });
});
