import { expect, test } from 'vitest';
import { query } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import {
  countersKept,
  deviceOf,
  fail,
  guess,
  LOCKED,
  PATIENT,
  resetTokenFor,
  statuses,
  tryLogin,
  WRONG,
} from '../support/guesses.ts';
import { messagesTo } from '../support/mailbox.ts';
import { type Person, person, resident, signUp, verify } from '../support/person.ts';

test('failures in a row switch the password off for unknown devices, and the owner gets one mail', async () => {
  const gatehouse = startGatehouse({ LOGIN_FAILURES_IN_A_ROW: '6', LOGIN_STRANGER_TRIES: '1000' });
  const ada = await resident(gatehouse);
  const deviceToken = await deviceOf(gatehouse, ada);
  await guess(gatehouse, ada, 5);
  expect(await tryLogin(gatehouse, ada, 'a wrong password')).toMatchObject(WRONG);
  expect(await tryLogin(gatehouse, ada, ada.password)).toMatchObject(LOCKED);
  // Not past the days that counters are kept: a try would then sweep the counters of other tests.
  gatehouse.clock.travel(29 * 86_400);
  const counters = await countersKept(gatehouse, ada);
  expect(counters.filter(({ expires }) => expires === 'infinity')).toMatchObject([{ in_a_row: 6 }]);
  expect(await tryLogin(gatehouse, ada, ada.password)).toMatchObject(LOCKED);
  expect((await tryLogin(gatehouse, ada, ada.password, { deviceToken })).status).toBe(200);
  expect(await tryLogin(gatehouse, ada, ada.password)).toMatchObject(LOCKED);

  const notices = async () =>
    (await messagesTo(ada.email)).filter(
      ({ subject }) => subject === 'Your Gatehouse password is switched off',
    );
  await expect.poll(notices).toHaveLength(1);
  const events = await query(
    'SELECT FROM security_events JOIN users u ON u.id = user_id WHERE u.email = $1 AND kind = $2',
    [ada.email, 'password.disabled'],
  );
  expect(events).toHaveLength(1);
});

test('failures in a row on a known device lock that device alone, and waiting does not help', async () => {
  const gatehouse = startGatehouse({ LOGIN_FAILURES_IN_A_ROW: '3' });
  const ada = await resident(gatehouse);
  const deviceToken = await deviceOf(gatehouse, ada);
  for (let time = 0; time < 3; time++)
    expect(await tryLogin(gatehouse, ada, 'a wrong password', { deviceToken })).toMatchObject(WRONG);
  gatehouse.clock.travel(86_400);
  expect((await tryLogin(gatehouse, ada, ada.password)).status).toBe(200);
  expect(await tryLogin(gatehouse, ada, ada.password, { deviceToken })).toMatchObject(LOCKED);
});

test('the failures in a row end with any success', async () => {
  const gatehouse = startGatehouse({ LOGIN_FAILURES_IN_A_ROW: '4' });
  const ada = await resident(gatehouse);
  const deviceToken = await deviceOf(gatehouse, ada);
  for (const from of [{}, { deviceToken }, {}]) {
    await guess(gatehouse, ada, 3);
    expect((await tryLogin(gatehouse, ada, ada.password, from)).status).toBe(200);
  }
});

const noticesOfFailures = async ({ email }: Person) =>
  (await messagesTo(email)).filter(({ subject }) => /after failed attempts/.test(subject));

test('a login after ten failures mails the owner how many there were, on any device', async () => {
  const gatehouse = startGatehouse({ LOGIN_STRANGER_TRIES: '1000' });
  const ada = await resident(gatehouse);
  const deviceToken = await deviceOf(gatehouse, ada);
  const login = async () =>
    expect((await tryLogin(gatehouse, ada, ada.password, { deviceToken })).status).toBe(200);
  await fail(gatehouse, ada, 9);
  await login();
  await fail(gatehouse, ada, 12);
  await login();
  await login();
  await expect.poll(() => noticesOfFailures(ada)).toHaveLength(1);
  expect((await noticesOfFailures(ada))[0]?.text).toContain('after 12 attempts');
});

test('the mail about a login after a reset does not count failures from before it', async () => {
  const gatehouse = startGatehouse({ LOGIN_STRANGER_TRIES: '1000' });
  const ada = await resident(gatehouse);
  await fail(gatehouse, ada, 12);
  const newPassword = 'a brand new kettle';
  const token = await resetTokenFor(gatehouse, ada);
  expect((await gatehouse.post('/reset-password', { token, newPassword })).status).toBe(200);
  expect((await tryLogin(gatehouse, ada, newPassword)).status).toBe(200);
  expect(await reasonsOfLogins(ada)).toEqual([null]);
});

const reasonsOfLogins = async ({ email }: Person) =>
  (
    await query<{ reason: string | null }>(
      `SELECT reason FROM security_events e JOIN users u ON u.id = user_id WHERE u.email = $1 AND kind = 'login.success'`,
      [email],
    )
  ).map(({ reason }) => reason);

test('right passwords from twelve new devices at once are no failures: nothing is counted and no mail is sent', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const ada = await resident(gatehouse);
  const answers = await Promise.all(Array.from({ length: 12 }, () => tryLogin(gatehouse, ada, ada.password)));
  expect(statuses(answers)).toEqual(Array(12).fill(200));
  expect(await reasonsOfLogins(ada)).toEqual(Array(12).fill(null));
  const none = { failures: 0, in_a_row: 0, locked_until: null };
  for (const counter of await countersKept(gatehouse, ada)) expect(counter).toMatchObject(none);
});

test.each([
  [9, null],
  [10, 'after_10_failures'],
])('a login after %i failures has the reason %s', async (failures, reason) => {
  const gatehouse = startGatehouse({ LOGIN_STRANGER_TRIES: '1000' });
  const ada = await resident(gatehouse);
  await fail(gatehouse, ada, failures);
  expect((await tryLogin(gatehouse, ada, ada.password)).status).toBe(200);
  expect(await reasonsOfLogins(ada)).toEqual([reason]);
});

test('right passwords before the address was proven are no failures before the first login', async () => {
  const gatehouse = startGatehouse(PATIENT);
  const ada = person();
  const signup = await signUp(gatehouse, ada);
  for (let time = 0; time < 10; time++)
    expect((await tryLogin(gatehouse, ada, ada.password)).status).toBe(403);
  await verify(gatehouse, signup);
  expect((await tryLogin(gatehouse, ada, ada.password)).status).toBe(200);
  expect(await reasonsOfLogins(ada)).toEqual([null]);
});
