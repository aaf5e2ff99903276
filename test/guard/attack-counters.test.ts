/** What one success, one reset and one stolen token mean for counters that others share. */
import { expect, test } from 'vitest';
import { query } from '../support/control-client.ts';
import { freshClient, startGatehouse } from '../support/gatehouse.ts';
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
import { loggedIn, person, resident } from '../support/person.ts';

test('a success undoes only its own try in the counter of all strangers, not the tries of others', async () => {
  const gatehouse = startGatehouse({ LOGIN_STRANGER_TRIES: '6' });
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
  const gatehouse = startGatehouse({ DEVICE_TOKEN_SECONDS: '3600' });
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
  const gatehouse = startGatehouse({
    PASSWORD_HASH_WAITING: '0',
    PASSWORD_SCRYPT_COSTS: 'ln=14,r=8,p=1',
    LOGIN_TRIES: '2',
  });
  const nobody = person('nobody');
  const client = freshClient();
  await guess(gatehouse, nobody, 2, () => client);
  const counted = async () =>
    (await countersKept(gatehouse, nobody)).map(({ expires: _, ...count }) => count);
  const before = await counted();
  const seen = new Set<number>();
  for (let round = 0; round < 20 && !seen.has(503); round++) {
    const tries = Array.from({ length: 6 }, () =>
      tryLogin(gatehouse, nobody, 'a wrong password', { client }),
    );
    for (const status of statuses(await Promise.all(tries))) seen.add(status);
  }
  expect(seen).toEqual(new Set([429, 503]));
  expect(await counted()).toEqual(before);
});

test('a refused try is not the last failure, and causes no mail that the password is switched off', async () => {
  const gatehouse = startGatehouse({ LOGIN_FAILURES_IN_A_ROW: '3', LOGIN_STRANGER_TRIES: '2' });
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
