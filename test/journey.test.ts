import { expect, test } from 'vitest';
import { FULL_PRICE, startGatehouse } from './support/gatehouse.ts';
import { codeIn, nextMessageTo } from './support/mailbox.ts';
import { person } from './support/person.ts';

test('someone signs up, proves the address, logs in, reads the account, refreshes and logs out', async () => {
  const gatehouse = startGatehouse({ PASSWORD_SCRYPT_COSTS: FULL_PRICE });
  const ada = person('ada');

  const signup = await gatehouse.post('/signup', ada);
  expect(signup).toMatchObject({ status: 200, body: { status: 200, data: { id: expect.any(String) } } });

  const mail = await nextMessageTo(ada.email);
  const proof = { id: signup.body.data.id, code: codeIn(mail) };
  expect(await gatehouse.post('/verify-email', proof)).toMatchObject({ status: 200, body: { data: null } });

  const login = await gatehouse.post('/login', { email: ada.email, password: ada.password });
  expect(login).toMatchObject({
    status: 200,
    body: {
      data: { user: { id: proof.id, name: 'ada', email: ada.email }, tokenType: 'Bearer', expiresIn: 900 },
    },
  });
  expect(Object.keys(login.body.data.user).sort()).toEqual(['createdAt', 'email', 'id', 'name']);

  const { accessToken: token, refreshToken } = login.body.data;
  const me = await gatehouse.get('/me', { token });
  expect(me).toMatchObject({ status: 200, body: { data: login.body.data.user } });

  const refreshed = await gatehouse.post('/refresh', { refreshToken });
  expect(refreshed.status).toBe(200);
  expect(refreshed.body.data.refreshToken).not.toBe(refreshToken);

  const newest = refreshed.body.data;
  expect((await gatehouse.post('/logout', { refreshToken: newest.refreshToken })).status).toBe(200);
  expect((await gatehouse.get('/me', { token: newest.accessToken })).status).toBe(401);
  expect((await gatehouse.post('/refresh', { refreshToken: newest.refreshToken })).status).toBe(401);
});
