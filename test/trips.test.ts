/**
 * What each operation costs: requests counted at the Neon endpoint and at the Upstash endpoint. The table in README.md is
 * this one.
 */
import { expect, test } from 'vitest';
import readme from '../README.md?raw';
import { ASKING_NOTHING, each, everyone } from './support/everyone.ts';
import { startGatehouse } from './support/gatehouse.ts';
import { codeIn, linkTokenIn, messagesTo, nextMessageTo } from './support/mailbox.ts';
import { loggedIn, login, person, resident, signUp } from './support/person.ts';

const gatehouse = startGatehouse();

async function trips(work: () => Promise<{ status: number }>): Promise<{ count: number; status: number }> {
  const { count, answer } = await gatehouse.tripsOf(work);
  return { count, status: answer.status };
}

/** Of every endpoint, on its usual way: to Postgres, and to Redis. */
const COSTS: Record<string, [postgres: number, redis: number]> = {
  'POST /signup': [1, 1],
  'POST /verify-email': [1, 1],
  'POST /verify-email/resend': [1, 1],
  'POST /login': [2, 1],
  'POST /login/mfa': [2, 1],
  'POST /login/enrol': [1, 1],
  'POST /login/enrol/confirm': [2, 1],
  'POST /login/passkey/options': [0, 0],
  'POST /login/passkey': [2, 1],
  'POST /refresh': [1, 0],
  'POST /logout': [1, 0],
  'POST /forgot-password': [1, 1],
  'POST /reset-password': [2, 1],
  'GET /me': [1, 0],
  'PATCH /me': [1, 0],
  'DELETE /me': [2, 1],
  'GET /me/export': [1, 0],
  'GET /sessions': [1, 0],
  'DELETE /sessions/:id': [1, 0],
  'DELETE /sessions': [1, 0],
  'GET /events': [1, 0],
  'GET /factors': [1, 0],
  'POST /factors/totp': [2, 1],
  'POST /factors/totp/confirm': [1, 1],
  'DELETE /factors/totp': [2, 1],
  'POST /factors/recovery-codes': [2, 1],
  'POST /factors/passkeys/options': [2, 1],
  'POST /factors/passkeys': [1, 1],
  'PATCH /factors/passkeys/:id': [1, 0],
  'DELETE /factors/passkeys/:id': [2, 1],
  'POST /step-up/options': [0, 0],
  'POST /step-up': [2, 1],
  'POST /change-password': [2, 1],
  'POST /change-email': [2, 1],
  'POST /change-email/confirm': [1, 1],
  'POST /change-email/cancel': [1, 1],
};

test('every endpoint costs the trips to Postgres and to Redis that the README says', async () => {
  const all = await everyone(gatehouse);
  const statuses: Record<string, number> = {};
  const costs: typeof COSTS = {};
  for (const [name, call] of Object.entries(all.calls)) {
    let postgres = 0;
    const redis = await gatehouse.redisTripsOf(async () => {
      const { count, answer } = await gatehouse.tripsOf(call);
      postgres = count;
      statuses[name] = answer.status;
    });
    costs[name] = [postgres, redis];
  }
  for (const name of ASKING_NOTHING) expect(statuses[name], name).toBe(200);
  expect(statuses).toMatchObject(each(200));
  expect(costs).toEqual(COSTS);
  const rows = [...readme.matchAll(/^ *\| (.*`(?:GET|POST|PATCH|DELETE) .*) \| (\d) \| (\d) \| \d \|$/gm)];
  const told = rows.flatMap(([, names = '', postgres, redis]) =>
    [...names.matchAll(/`((?:GET|POST|PATCH|DELETE) [^`]+)`/g)].map(
      ([, name]) => [name, [Number(postgres), Number(redis)]] as const,
    ),
  );
  expect(Object.fromEntries(told)).toEqual(COSTS);
});

test('sign-up costs 1 trip, for a free address and for a taken one', async () => {
  const owner = await resident(gatehouse);
  expect(await trips(() => gatehouse.post('/signup', person()))).toEqual({ count: 1, status: 200 });
  expect(await trips(() => gatehouse.post('/signup', owner))).toEqual({ count: 1, status: 200 });
});

test('verify costs 1 trip by code or by link and id, and 2 by link and password', async () => {
  const ada = person();
  const signups = [];
  for (const who of [person(), person(), ada]) signups.push(await signUp(gatehouse, who));
  const [first, second, third] = signups;
  if (!first || !second || !third) throw new Error('three sign-ups were made');

  const code = { id: first.id, code: codeIn(first.mail) };
  const link = { id: second.id, token: linkTokenIn(second.mail) };
  const elsewhere = { token: linkTokenIn(third.mail), password: ada.password };
  expect(await trips(() => gatehouse.post('/verify-email', code))).toEqual({ count: 1, status: 200 });
  expect(await trips(() => gatehouse.post('/verify-email', link))).toEqual({ count: 1, status: 200 });
  expect(await trips(() => gatehouse.post('/verify-email', elsewhere))).toEqual({ count: 2, status: 200 });
});

test('resend costs 1 trip, for a sign-up and for none', async () => {
  const { id } = await signUp(gatehouse, person());
  const none = crypto.randomUUID();
  expect(await trips(() => gatehouse.post('/verify-email/resend', { id }))).toEqual({
    count: 1,
    status: 200,
  });
  expect(await trips(() => gatehouse.post('/verify-email/resend', { id: none }))).toEqual({
    count: 1,
    status: 200,
  });
});

test('login costs 2 trips, whoever asks', async () => {
  const ada = await resident(gatehouse);
  const unproven = person();
  await signUp(gatehouse, unproven);
  const wrong = { ...ada, password: 'not the password' };
  expect(await trips(() => login(gatehouse, ada))).toEqual({ count: 2, status: 200 });
  expect(await trips(() => login(gatehouse, wrong))).toEqual({ count: 2, status: 401 });
  expect(await trips(() => login(gatehouse, person()))).toEqual({ count: 2, status: 401 });
  expect(await trips(() => login(gatehouse, unproven))).toEqual({ count: 2, status: 403 });
});

test('me, refresh and logout cost 1 trip each, a token without a valid signature none', async () => {
  const { accessToken: token, refreshToken } = await loggedIn(gatehouse);
  expect(await trips(() => gatehouse.get('/me', { token }))).toEqual({ count: 1, status: 200 });
  expect(await trips(() => gatehouse.get('/me', { token: `${token}x` }))).toEqual({ count: 0, status: 401 });
  expect(await trips(() => gatehouse.post('/refresh', { refreshToken }))).toEqual({ count: 1, status: 200 });
  expect(await trips(() => gatehouse.post('/logout', { refreshToken }))).toEqual({ count: 1, status: 200 });
  expect(await trips(() => gatehouse.post('/logout', { refreshToken: 'x' }))).toEqual({
    count: 0,
    status: 200,
  });
});

test('forgot costs 1 trip, for an account and for none; reset 2, and 1 or none where it comes to nothing', async () => {
  const ada = await resident(gatehouse);
  const [before] = await messagesTo(ada.email);
  const forgot = (email: string) => trips(() => gatehouse.post('/forgot-password', { email }));
  const reset = (token: string, newPassword: string) =>
    trips(() => gatehouse.post('/reset-password', { token, newPassword }));
  expect(await forgot(ada.email)).toEqual({ count: 1, status: 200 });
  expect(await forgot(person().email)).toEqual({ count: 1, status: 200 });
  const token = linkTokenIn(await nextMessageTo(ada.email, before && { after: before }));
  expect(await reset(`${token}x`, 'a brand new kettle')).toEqual({ count: 0, status: 400 });
  expect(await reset(token, 'short')).toEqual({ count: 0, status: 422 });
  expect(await reset(token, 'a brand new kettle')).toEqual({ count: 2, status: 200 });
  expect(await reset(token, 'a brand new kettle')).toEqual({ count: 2, status: 200 });
  expect(await reset(token, 'another brand new kettle')).toEqual({ count: 2, status: 400 });
  expect(await reset(token, 'a brand new kettle')).toEqual({ count: 1, status: 400 });
});

test('what asks for the password costs 2 trips, right or wrong', async () => {
  const { accessToken: token, password } = await loggedIn(gatehouse);
  const newPassword = 'a brand new kettle';
  const change = (currentPassword: string) =>
    trips(() => gatehouse.post('/change-password', { currentPassword, newPassword }, { token }));
  const changeEmail = (currentPassword: string) =>
    trips(() => gatehouse.post('/change-email', { newEmail: person().email, currentPassword }, { token }));
  const remove = (typed: string) =>
    trips(() => gatehouse.call('DELETE', '/me', { password: typed }, { token }));
  for (const [ask, right] of [
    [changeEmail, password],
    [change, password],
    // The same request sent again, as after a lost answer.
    [change, password],
    [remove, newPassword],
  ] as const) {
    if (ask !== change) expect(await ask('not the password')).toEqual({ count: 2, status: 403 });
    expect(await ask(right)).toEqual({ count: 2, status: 200 });
  }
  const other = await loggedIn(gatehouse);
  const wrong = { currentPassword: 'not the password', newPassword };
  expect(await trips(() => gatehouse.post('/change-password', wrong, { token: other.accessToken }))).toEqual({
    count: 2,
    status: 403,
  });
});

test('confirming or cancelling a change of address costs 1 trip', async () => {
  const { accessToken: token, password, email } = await loggedIn(gatehouse);
  const newEmail = person().email;
  const ask = () => gatehouse.post('/change-email', { newEmail, currentPassword: password }, { token });
  const confirm = (code: string) => trips(() => gatehouse.post('/change-email/confirm', { code }, { token }));
  const [before] = await messagesTo(email);
  await ask();
  const cancel = linkTokenIn(await nextMessageTo(email, before && { after: before }));
  const mail = await nextMessageTo(newEmail);
  expect(await trips(() => gatehouse.post('/change-email/cancel', { token: cancel }))).toEqual({
    count: 1,
    status: 200,
  });
  expect(await confirm(codeIn(mail))).toEqual({ count: 1, status: 400 });
  await ask();
  const newer = await nextMessageTo(newEmail, { after: mail });
  expect(await confirm(codeIn(newer))).toEqual({ count: 1, status: 200 });
});

test('sessions, events, export and the name cost 1 trip each', async () => {
  const { accessToken: token } = await loggedIn(gatehouse);
  const [{ id }] = (await gatehouse.get('/sessions', { token })).body.data.sessions;
  const unknown = crypto.randomUUID();
  for (const path of ['/sessions', '/events', '/me/export'])
    expect(await trips(() => gatehouse.get(path, { token }))).toEqual({ count: 1, status: 200 });
  const rename = () => gatehouse.call('PATCH', '/me', { name: 'Ada' }, { token });
  expect(await trips(rename)).toEqual({ count: 1, status: 200 });
  expect(await trips(() => gatehouse.delete('/sessions', { token }))).toEqual({ count: 1, status: 200 });
  expect(await trips(() => gatehouse.delete(`/sessions/${unknown}`, { token }))).toEqual({
    count: 1,
    status: 404,
  });
  expect(await trips(() => gatehouse.delete(`/sessions/${id}`, { token }))).toEqual({
    count: 1,
    status: 200,
  });
});

test('the sessions that ended cost 1 trip, and none for whoever asks in the next three seconds', async () => {
  const ask = () => gatehouse.get('//.well-known/revoked-sessions');
  expect(await trips(() => Promise.all([ask(), ask(), ask()]).then(([answer]) => answer))).toEqual({
    count: 1,
    status: 200,
  });
});

test('JWKS, health and the documents ask nothing of the database', async () => {
  for (const path of ['//.well-known/jwks.json', '//health/live', '//openapi.json', '//api-docs']) {
    expect(await trips(() => gatehouse.get(path))).toEqual({ count: 0, status: 200 });
  }
});
