import { expect, test } from 'vitest';
import { query } from '../support/control-client.ts';
import { startGatehouse, steadyHeaders } from '../support/gatehouse.ts';
import { countersKept } from '../support/guesses.ts';
import { inThisOrder } from '../support/hold.ts';
import { loggedIn, login, person, resident, signUp } from '../support/person.ts';

const UNPROVEN = { status: 403, body: { code: 'email_not_verified' } };
const WRONG = { status: 401, body: { code: 'invalid_credentials' } };

test('a wrong password and an unknown address get the same answer for the same trips', async () => {
  const gatehouse = startGatehouse();
  const ada = await resident(gatehouse);
  const wrong = await gatehouse.tripsOf(() => login(gatehouse, { ...ada, password: 'not the password' }));
  const unknown = await gatehouse.tripsOf(() => login(gatehouse, person('nobody')));

  expect(wrong.answer).toMatchObject(WRONG);
  expect({ ...unknown.answer.body, requestId: '' }).toEqual({ ...wrong.answer.body, requestId: '' });
  expect(steadyHeaders(unknown.answer)).toEqual(steadyHeaders(wrong.answer));
  expect([unknown.count, wrong.count]).toEqual([2, 2]);
});

test('the password counts as typed, but for its Unicode form', async () => {
  const gatehouse = startGatehouse();
  const zoe = { ...person('zoe'), password: 'caf\u00e9 noir 77' };
  const { id, mail } = await signUp(gatehouse, zoe);
  await gatehouse.post('/verify-email', { id, code: mail.text.match(/\d{6}/)?.[0] });

  expect((await login(gatehouse, { ...zoe, password: 'cafe\u0301 noir 77' })).status).toBe(200);
  for (const password of ['Caf\u00e9 noir 77', 'caf\u00e9 noir 77 ', 'cafe noir 77']) {
    expect(await login(gatehouse, { ...zoe, password })).toMatchObject(WRONG);
  }
});

test('the right password of an unproven sign-up gives the id to go on with, each its own', async () => {
  const gatehouse = startGatehouse();
  const ada = person('ada');
  const mallory = { ...person('mallory'), email: ada.email };
  const first = await signUp(gatehouse, ada);
  const { body } = await gatehouse.post('/signup', mallory);

  expect(await login(gatehouse, ada)).toMatchObject({ ...UNPROVEN, body: { id: first.id } });
  expect(await login(gatehouse, mallory)).toMatchObject({ ...UNPROVEN, body: { id: body.data.id } });
  expect(await login(gatehouse, { ...ada, password: 'neither of them' })).toMatchObject(WRONG);
});

test('the access token is an at+jwt that says nothing about the person', async () => {
  const gatehouse = startGatehouse();
  const { accessToken, email } = await loggedIn(gatehouse);
  const [header, claims] = accessToken
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(atob(part.replaceAll('-', '+').replaceAll('_', '/'))));
  expect(header).toMatchObject({
    alg: 'ES256',
    typ: 'at+jwt',
    kid: gatehouse.config.accessTokenKeys.current.kid,
  });
  expect(Object.keys(claims).sort()).toEqual([
    'amr',
    'aud',
    'auth_time',
    'exp',
    'iat',
    'iss',
    'jti',
    'sid',
    'sub',
  ]);
  expect(claims.exp - claims.iat).toBe(900);
  expect(JSON.stringify(claims)).not.toContain(email);
});

test('a login whose password is changed between its two trips opens no session, and stays a failure', async () => {
  const gatehouse = startGatehouse();
  const ada = await resident(gatehouse);
  const change = () => query('UPDATE users SET password_changed_at = now() WHERE email = $1', [ada.email]);
  const [, signedIn] = await inThisOrder<unknown>(gatehouse, ada.email, [
    { send: change, trips: 0 },
    { send: () => login(gatehouse, ada), trips: 2 },
  ]);
  expect(signedIn).toMatchObject(WRONG);
  expect(
    await query('SELECT FROM user_sessions JOIN users u ON u.id = user_id WHERE u.email = $1', [ada.email]),
  ).toEqual([]);
  expect(await countersKept(gatehouse, ada)).toMatchObject([{ failures: 1 }, { failures: 1 }]);
});
