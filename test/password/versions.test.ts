/** Each password of a person is a version, to which devices are bound; and which passwords are refused. */
import { expect, test } from 'vitest';
import { query } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { resetTokenFor } from '../support/guesses.ts';
import { login, type Person, person, resident, signUp, verify } from '../support/person.ts';

const versionOf = async ({ email }: Person) => {
  const [row] = await query<{ at: string }>('SELECT password_changed_at AS at FROM users WHERE email = $1', [
    email,
  ]);
  return Date.parse(row?.at ?? '');
};

test('a password set by a machine whose clock is behind is still a later version', async () => {
  const gatehouse = startGatehouse();
  const ada = await resident(gatehouse);
  const first = await versionOf(ada);
  const token = await resetTokenFor(gatehouse, ada);
  gatehouse.clock.travel(-600);
  const reset = { token, newPassword: 'a brand new kettle' };
  expect((await gatehouse.post('/reset-password', reset)).status).toBe(200);
  const second = await versionOf(ada);
  expect(second).toBeGreaterThan(first);
  const { accessToken } = (await login(gatehouse, { ...ada, password: reset.newPassword })).body.data;
  const change = { currentPassword: reset.newPassword, newPassword: 'yet another kettle' };
  expect((await gatehouse.post('/change-password', change, { token: accessToken })).status).toBe(200);
  expect(await versionOf(ada)).toBeGreaterThan(second);
});

test('a reset takes neither the own name nor the own address as a password, and the link stays good', async () => {
  const gatehouse = startGatehouse();
  // No part of the name is in the address.
  const ada = { ...person('ada'), name: 'Bartholomea' };
  await verify(gatehouse, await signUp(gatehouse, ada));
  const token = await resetTokenFor(gatehouse, ada);
  for (const newPassword of [ada.name, ada.email, `${ada.name}1`])
    expect(await gatehouse.post('/reset-password', { token, newPassword }), newPassword).toMatchObject({
      status: 422,
      body: { code: 'password_blocked', errors: [{ path: 'newPassword' }] },
    });
  expect((await gatehouse.post('/reset-password', { token, newPassword: 'a brand new kettle' })).status).toBe(
    200,
  );
});
