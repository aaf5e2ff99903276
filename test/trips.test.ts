/** What each operation costs: requests counted at the Neon endpoint. The table in README.md is this one. */
import { expect, test } from 'vitest';
import { startGatehouse } from './support/gatehouse.ts';
import { codeIn, linkTokenIn } from './support/mailbox.ts';
import { loggedIn, login, person, resident, signUp } from './support/person.ts';

const gatehouse = startGatehouse();

async function trips(work: () => Promise<{ status: number }>): Promise<{ count: number; status: number }> {
  const { count, answer } = await gatehouse.tripsOf(work);
  return { count, status: answer.status };
}

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

test('JWKS, health and the documents ask nothing of the database', async () => {
  for (const path of ['//.well-known/jwks.json', '//health/live', '//openapi.json', '//api-docs']) {
    expect(await trips(() => gatehouse.get(path))).toEqual({ count: 0, status: 200 });
  }
});
