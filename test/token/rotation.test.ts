/** Rotating and retiring each secret as `npm run keys` does it, with people in the middle of everything. */
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { type KeyName, keyKinds } from '../../tooling/key-values.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { codeIn, linkTokenIn } from '../support/mailbox.ts';
import { loggedIn, login, person, resident, signUp } from '../support/person.ts';

const bindings = env as unknown as Record<KeyName, string>;
const rotated = (name: KeyName, times = 1) => {
  let value = bindings[name];
  for (let turn = 0; turn < times; turn++) value = keyKinds[name].rotate(value);
  return value;
};
const retired = (name: KeyName, value: string) => ({ [name]: keyKinds[name].retire(value) });

test('signing keys: tokens of two rotations ago work until the key is retired, and sessions outlive even that', async () => {
  const ada = await loggedIn(startGatehouse());
  const value = rotated('ACCESS_TOKEN_KEYS', 2);
  const during = startGatehouse({ ACCESS_TOKEN_KEYS: value });
  expect((await during.get('/me', { token: ada.accessToken })).status).toBe(200);
  const after = startGatehouse(retired('ACCESS_TOKEN_KEYS', value));
  expect((await after.get('/me', { token: ada.accessToken })).status).toBe(401);
  const { body } = await after.post('/refresh', { refreshToken: ada.refreshToken });
  expect((await after.get('/me', { token: body.data.accessToken })).status).toBe(200);
});

test('signing keys: the key that signs next has been published before', async () => {
  const before = startGatehouse();
  const after = startGatehouse({ ACCESS_TOKEN_KEYS: rotated('ACCESS_TOKEN_KEYS') });
  const published = (await before.get('//.well-known/jwks.json')).body.keys.map(
    ({ kid }: { kid: string }) => kid,
  );
  expect(published).toContain(after.config.accessTokenKeys.current.kid);
});

test('refresh secrets: a session that is used moves to the new key and survives the end of the old one', async () => {
  const [used, unused] = [await loggedIn(startGatehouse()), await loggedIn(startGatehouse())];
  const value = rotated('REFRESH_TOKEN_SECRETS', 2);
  const during = startGatehouse({ REFRESH_TOKEN_SECRETS: value });
  const { status, body } = await during.post('/refresh', { refreshToken: used.refreshToken });
  expect(status).toBe(200);
  const after = startGatehouse(retired('REFRESH_TOKEN_SECRETS', value));
  expect((await after.post('/refresh', { refreshToken: body.data.refreshToken })).status).toBe(200);
  expect((await after.post('/refresh', { refreshToken: unused.refreshToken })).status).toBe(401);
});

test('peppers: old passwords log in, and one that has logged in no longer needs the old pepper', async () => {
  const [used, unused] = [await resident(startGatehouse()), await resident(startGatehouse())];
  const value = rotated('PASSWORD_PEPPERS');
  const during = startGatehouse({ PASSWORD_PEPPERS: value });
  expect((await login(during, used)).status).toBe(200);
  const after = startGatehouse(retired('PASSWORD_PEPPERS', value));
  expect((await login(after, used)).status).toBe(200);
  // Retired too early. The pepper put back mends it.
  expect((await login(after, unused)).status).toBe(401);
  expect((await login(during, unused)).status).toBe(200);
});

test('mail keys: a code and a link under way are good until their key is retired', async () => {
  const before = startGatehouse();
  const signups = [];
  for (const who of [person(), person(), person()]) signups.push(await signUp(before, who));
  const [byCode, byLink, late] = signups;
  if (!byCode || !byLink || !late) throw new Error('three sign-ups');
  const value = rotated('MAIL_SECRETS');
  const during = startGatehouse({ MAIL_SECRETS: value });
  expect((await during.post('/verify-email', { id: byCode.id, code: codeIn(byCode.mail) })).status).toBe(200);
  expect(
    (await during.post('/verify-email', { id: byLink.id, token: linkTokenIn(byLink.mail) })).status,
  ).toBe(200);
  const after = startGatehouse(retired('MAIL_SECRETS', value));
  expect((await after.post('/verify-email', { id: late.id, code: codeIn(late.mail) })).status).toBe(400);
});
