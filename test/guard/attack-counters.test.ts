/** What one success, one reset and one stolen token mean for counters that others share. */
import { expect, test } from 'vitest';
import { query } from '../support/control-client.ts';
import { freshClient, startGatehouse, startStill } from '../support/gatehouse.ts';
import {
  countersKept,
  deviceOf,
  guess,
  LOCKED,
  resetTokenFor,
  statuses,
  times,
  tryLogin,
  WRONG,
} from '../support/guesses.ts';
import { hold } from '../support/hold.ts';
import { loggedIn, person, resident } from '../support/person.ts';

test('a success undoes only its own try in the counter of all strangers, not the tries of others', async () => {
  const gatehouse = startStill({ LOGIN_STRANGER_TRIES: '6' });
  const ada = await resident(gatehouse);
  await guess(gatehouse, ada, 5);
  expect((await tryLogin(gatehouse, ada, ada.password)).status).toBe(200);
  expect(await tryLogin(gatehouse, ada, 'a wrong password')).toMatchObject(WRONG);
  expect(await tryLogin(gatehouse, ada, 'a wrong password')).toMatchObject(LOCKED);
});

test('after a reset, a device that was known before counts as a stranger', async () => {
  const gatehouse = startGatehouse({ LOGIN_TRIES: '2' });
  const ada = await resident(gatehouse);
  const before = await deviceOf(gatehouse, ada);
  const token = await resetTokenFor(gatehouse, ada);
  const password = 'a brand new kettle';
  expect((await gatehouse.post('/reset-password', { token, newPassword: password })).status).toBe(200);
  const after = await deviceOf(gatehouse, ada);
  const client = freshClient();
  await guess(gatehouse, ada, 2, () => client);
  expect(await tryLogin(gatehouse, ada, password, { client, deviceToken: before })).toMatchObject(LOCKED);
  expect((await tryLogin(gatehouse, ada, password, { client, deviceToken: after })).status).toBe(200);
});

test('failures in a row of one session lock it until a reset, and waiting does not help', async () => {
  const gatehouse = startGatehouse({ LOGIN_FAILURES_IN_A_ROW: '4', ACCESS_TOKEN_SECONDS: '3600' });
  const ada = await loggedIn(gatehouse);
  const change = (currentPassword: string) =>
    gatehouse.post(
      '/change-password',
      { currentPassword, newPassword: 'a brand new kettle' },
      { token: ada.accessToken },
    );
  expect(statuses(await times(4, () => change('a wrong password')))).toEqual([403, 403, 403, 403]);
  gatehouse.clock.travel(3_000);
  expect(await change(ada.password)).toMatchObject(LOCKED);
  // Only this session is locked.
  expect((await tryLogin(gatehouse, ada, ada.password)).status).toBe(200);
});

test('a device is known for as long as its token says, and not longer', async () => {
  const gatehouse = startStill({ DEVICE_TOKEN_SECONDS: '3600' });
  const ada = await loggedIn(gatehouse);
  const notices = () =>
    query(
      `SELECT o.id FROM email_outbox o JOIN users u ON u.id = o.user_id WHERE u.email = $1 AND o.kind = 'new_device'`,
      [ada.email],
    );
  const { deviceToken } = ada;
  gatehouse.clock.travel(3_500);
  expect((await tryLogin(gatehouse, ada, ada.password, { deviceToken })).status).toBe(200);
  expect(await notices()).toHaveLength(0);
  gatehouse.clock.travel(200);
  expect((await tryLogin(gatehouse, ada, ada.password, { deviceToken })).status).toBe(200);
  expect(await notices()).toHaveLength(1);
});

test('sixty strangers who sign up with an address do not keep its owner from logging in', async () => {
  const gatehouse = startGatehouse();
  const ada = await resident(gatehouse);
  await query(
    `INSERT INTO users (id, email, name, password_hash, password_changed_at, pending_expires_at, locale, created_at)
     SELECT gen_random_uuid(), email, 'Mallory', password_hash || 'x', now(), now() + interval '1 day', 'en',
       now() + n * interval '1 s'
     FROM users, generate_series(1, 60) AS n WHERE email = $1`,
    [ada.email],
  );
  expect((await tryLogin(gatehouse, ada, ada.password)).status).toBe(200);
});

test('a try that is already refused and finds no place in the hash queue undoes no count', async () => {
  const gatehouse = startStill({ PASSWORD_HASH_WAITING: '0', LOGIN_TRIES: '2' });
  const [ada, nobody, client] = [await resident(gatehouse), person('nobody'), freshClient()];
  await guess(gatehouse, ada, 1);
  await guess(gatehouse, nobody, 2, () => client);
  const counted = async () =>
    (await countersKept(gatehouse, nobody)).map(({ expires: _, ...count }) => count);
  const before = await counted();
  const refused = () => tryLogin(gatehouse, nobody, 'a wrong password', { client });
  expect(await refused()).toMatchObject(LOCKED);
  // Somebody else has the only place.
  const counters =
    'SELECT FROM failed_login_attempts WHERE user_id = (SELECT id FROM users WHERE email = $1)';
  const held = await hold(`${counters} FOR UPDATE`, [ada.email]);
  const busy = tryLogin(gatehouse, ada, ada.password);
  await held.waitedForBy(1);
  expect(await refused()).toMatchObject({ status: 503, body: { code: 'overloaded' } });
  await held.letGo();
  expect((await busy).status).toBe(200);
  expect(await counted()).toEqual(before);
});

test('a refused try is not the last failure, and causes no mail that the password is switched off', async () => {
  const gatehouse = startStill({ LOGIN_FAILURES_IN_A_ROW: '3', LOGIN_STRANGER_TRIES: '2' });
  const ada = await resident(gatehouse);
  await guess(gatehouse, ada, 2);
  const disabled = () =>
    query(
      `SELECT e.id FROM security_events e JOIN users u ON u.id = user_id
       WHERE u.email = $1 AND e.kind = 'password.disabled'`,
      [ada.email],
    );
  expect(await tryLogin(gatehouse, ada, 'a wrong password')).toMatchObject(LOCKED);
  expect(await disabled()).toEqual([]);
  gatehouse.clock.travel(31);
  expect(await tryLogin(gatehouse, ada, 'a wrong password')).toMatchObject(WRONG);
  expect(await disabled()).toHaveLength(1);
});
