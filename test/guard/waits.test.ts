/** How long a locked client must wait, and who need not wait. */
import { expect, test } from 'vitest';
import { freshClient, startStill } from '../support/gatehouse.ts';
import { guess, LOCKED, tryLogin } from '../support/guesses.ts';
import { loggedIn, resident } from '../support/person.ts';

const waitOf = ({ headers }: { headers: Headers }) => Number(headers.get('Retry-After'));

test('of two locks the longer one says how long to wait', async () => {
  const gatehouse = startStill({ LOGIN_STRANGER_TRIES: '6' });
  const [ada, client] = [await resident(gatehouse), freshClient()];
  await guess(gatehouse, ada, 5, () => client);
  await guess(gatehouse, ada, 1);
  const other = await tryLogin(gatehouse, ada, ada.password);
  expect(other).toMatchObject(LOCKED);
  expect(waitOf(other)).toBeLessThanOrEqual(30);
  const own = await tryLogin(gatehouse, ada, ada.password, { client });
  expect(own).toMatchObject(LOCKED);
  expect(waitOf(own)).toBeGreaterThan(1_700);
});

test('where waiting does not help, the answer is the longest wait', async () => {
  const gatehouse = startStill({ LOGIN_FAILURES_IN_A_ROW: '3' });
  const ada = await resident(gatehouse);
  await guess(gatehouse, ada, 3);
  const closed = await tryLogin(gatehouse, ada, ada.password);
  expect(closed).toMatchObject(LOCKED);
  expect(waitOf(closed)).toBe(900);
});

test('a right password in the last try of the budget leaves nobody waiting', async () => {
  const gatehouse = startStill({ LOGIN_STRANGER_TRIES: '3' });
  const ada = await resident(gatehouse);
  await guess(gatehouse, ada, 2);
  for (const _ of [1, 2]) expect((await tryLogin(gatehouse, ada, ada.password)).status).toBe(200);
});

test('a session whose guesses are used up waits as long as a client, and the answer says so', async () => {
  const gatehouse = startStill({ LOGIN_TRIES: '1' });
  const { accessToken: token, password } = await loggedIn(gatehouse);
  const change = (currentPassword: string) =>
    gatehouse.post('/change-password', { currentPassword, newPassword: 'a brand new kettle' }, { token });
  expect((await change('a wrong password')).status).toBe(403);
  const locked = await change(password);
  expect(locked).toMatchObject(LOCKED);
  expect(waitOf(locked)).toBeGreaterThan(1_700);
  expect(waitOf(locked)).toBeLessThanOrEqual(1_800);
});
