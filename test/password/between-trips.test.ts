/** A password confirmation takes two trips: a change by another request between them counts. */
import { expect, test } from 'vitest';
import { type Gatehouse, startGatehouse } from '../support/gatehouse.ts';
import { hold, inThisOrder } from '../support/hold.ts';
import { askToMove, codeToMove, confirmMove, freshAddress } from '../support/move.ts';
import { loggedIn, login, type Person, type Tokens } from '../support/person.ts';

const NEW = 'a brand new kettle';
const change = (gatehouse: Gatehouse, { password, accessToken: token }: Person & Tokens) =>
  gatehouse.post('/change-password', { currentPassword: password, newPassword: NEW }, { token });
const remove = (gatehouse: Gatehouse, { password, accessToken: token }: Person & Tokens) =>
  gatehouse.call('DELETE', '/me', { password }, { token });

test.each<[string, typeof change]>([
  ['a change of the password', change],
  ['a deletion', remove],
  ['a change of address', (gatehouse, ada) => askToMove(gatehouse, ada, freshAddress())],
])('%s does nothing when its session ends between the two', async (_, ask) => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const held = await hold('SELECT id FROM users WHERE email = $1 FOR NO KEY UPDATE', [ada.email]);
  const asked = ask(gatehouse, ada);
  await held.waitedForBy(1);
  expect((await gatehouse.post('/logout', { refreshToken: ada.refreshToken })).status).toBe(200);
  await held.letGo();
  expect(await asked).toMatchObject({ status: 403, body: { code: 'wrong_password' } });
  expect((await login(gatehouse, ada)).status).toBe(200);
});

test('a change of the password does nothing when the address changes between the two', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const email = freshAddress();
  const code = await codeToMove(gatehouse, ada, email);
  const [moved, changed] = await inThisOrder(gatehouse, ada.email, [
    { send: () => confirmMove(gatehouse, ada, code), trips: 1 },
    { send: () => change(gatehouse, ada), trips: 2 },
  ]);
  expect([moved?.status, changed?.status]).toEqual([200, 403]);
  expect((await login(gatehouse, { ...ada, email })).status).toBe(200);
});
