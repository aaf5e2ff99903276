import { expect, test } from 'vitest';
import { query } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { deviceOf, fail, guess, LOCKED, tryLogin, WRONG } from '../support/guesses.ts';
import { messagesTo } from '../support/mailbox.ts';
import { resident } from '../support/person.ts';

test('failures in a row switch the password off for unknown devices, and the owner is told once', async () => {
  const gatehouse = startGatehouse({ LOGIN_FAILURES_IN_A_ROW: '6', LOGIN_STRANGER_TRIES: '1000' });
  const ada = await resident(gatehouse);
  const deviceToken = await deviceOf(gatehouse, ada);
  await guess(gatehouse, ada, 5);
  expect(await tryLogin(gatehouse, ada, 'a wrong password')).toMatchObject(WRONG);
  expect(await tryLogin(gatehouse, ada, ada.password)).toMatchObject(LOCKED);
  gatehouse.clock.travel(400 * 86_400);
  expect(await tryLogin(gatehouse, ada, ada.password)).toMatchObject(LOCKED);
  expect((await tryLogin(gatehouse, ada, ada.password, { deviceToken })).status).toBe(200);
  expect(await tryLogin(gatehouse, ada, ada.password)).toMatchObject(LOCKED);

  const notices = async () =>
    (await messagesTo(ada.email)).filter(
      ({ subject }) => subject === 'Your Gatehouse password is switched off',
    );
  await expect.poll(notices, { timeout: 5_000 }).toHaveLength(1);
  const events = await query(
    'SELECT FROM security_events JOIN users u ON u.id = user_id WHERE u.email = $1 AND kind = $2',
    [ada.email, 'password.disabled'],
  );
  expect(events).toHaveLength(1);
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

test('a login after ten failures is told to the owner, with their number, whatever the device', async () => {
  const gatehouse = startGatehouse({ LOGIN_STRANGER_TRIES: '1000' });
  const ada = await resident(gatehouse);
  const deviceToken = await deviceOf(gatehouse, ada);
  const told = async () =>
    (await messagesTo(ada.email)).filter(({ subject }) => /after failed attempts/.test(subject));
  await guess(gatehouse, ada, 9);
  expect((await tryLogin(gatehouse, ada, ada.password, { deviceToken })).status).toBe(200);
  await guess(gatehouse, ada, 12);
  expect((await tryLogin(gatehouse, ada, ada.password, { deviceToken })).status).toBe(200);
  expect((await tryLogin(gatehouse, ada, ada.password, { deviceToken })).status).toBe(200);
  await expect.poll(told, { timeout: 5_000 }).toHaveLength(1);
  expect((await told())[0]?.text).toContain('after 12 attempts');
});
