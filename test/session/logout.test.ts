import { expect, test } from 'vitest';
import { startGatehouse } from '../support/gatehouse.ts';
import { loggedIn, login } from '../support/person.ts';

test('a logout ends that session at once, and no other', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const other = (await login(gatehouse, ada)).body.data;

  expect((await gatehouse.post('/logout', { refreshToken: ada.refreshToken })).status).toBe(200);

  expect((await gatehouse.get('/me', { token: ada.accessToken })).body.code).toBe('invalid_token');
  expect((await gatehouse.post('/refresh', { refreshToken: ada.refreshToken })).status).toBe(401);
  expect((await gatehouse.get('/me', { token: other.accessToken })).status).toBe(200);
});

test('a logout can be repeated, needs no access token, and says the same to a token it does not know', async () => {
  const gatehouse = startGatehouse();
  const { refreshToken } = await loggedIn(gatehouse);
  gatehouse.clock.travel(3_600);
  const answers = [refreshToken, refreshToken, 'unknown'].map((token) =>
    gatehouse.post('/logout', { refreshToken: token }),
  );
  for (const { status, body } of await Promise.all(answers)) {
    expect({ status, body }).toEqual({
      status: 200,
      body: { status: 200, message: 'Logged out.', data: null },
    });
  }
});

test('a logout that races refreshes leaves the session ended', async () => {
  const gatehouse = startGatehouse();
  const { refreshToken, accessToken } = await loggedIn(gatehouse);
  await Promise.all([
    ...Array.from({ length: 10 }, () => gatehouse.post('/refresh', { refreshToken })),
    gatehouse.post('/logout', { refreshToken }),
  ]);
  expect((await gatehouse.get('/me', { token: accessToken })).status).toBe(401);
  expect((await gatehouse.post('/refresh', { refreshToken })).status).toBe(401);
});
