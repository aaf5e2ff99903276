/** Login by a passkey alone, and by password and passkey. */
import { expect, test } from 'vitest';
import { query } from '../support/control-client.ts';
import { startGatehouse, steadyHeaders } from '../support/gatehouse.ts';
import { inThisOrder } from '../support/hold.ts';
import { mailWith } from '../support/mailbox.ts';
import { addPasskey, keyed, loginByPasskey, newDevice, passkeyLogin } from '../support/passkeys.ts';
import { loggedIn, login, type Person } from '../support/person.ts';
import { guarded, nextCode, ticketFor, wrongCode } from '../support/totp-app.ts';

const gatehouse = startGatehouse();
const INVALID = { status: 401, body: { code: 'invalid_passkey' } };
const WRONG = { status: 403, body: { code: 'wrong_second_factor' } };
const VOID = { status: 400, body: { code: 'invalid_ticket' } };
const claimsOf = (accessToken: string) => JSON.parse(atob(accessToken.split('.')[1] ?? ''));
const eventsOf = ({ email }: Person, kind: string) =>
  query<{ reason: string | null }>(
    `SELECT reason FROM security_events WHERE kind = $2 AND user_id = (SELECT id FROM users WHERE email = $1
       AND email_verified_at IS NOT NULL) ORDER BY id`,
    [email, kind],
  );
/** Somebody with an authenticator app and a passkey. */
const both = async (options: { synced?: boolean } = {}) => {
  const who = await guarded(gatehouse);
  return addPasskey(gatehouse, who, {
    ...options,
    proof: { proof: { code: nextCode(gatehouse, who.secret) } },
  });
};

test('a passkey opens a session without an address, for 0 and 2 trips, and owes no second factor', async () => {
  const ada = await both();
  const asked = await gatehouse.tripsOf(() => passkeyLogin(gatehouse, ada.device));
  expect(asked.count).toBe(0);
  const { count, answer } = await gatehouse.tripsOf(() => gatehouse.post('/login/passkey', asked.answer));
  expect({ count, status: answer.status }).toEqual({ count: 2, status: 200 });
  expect(answer.body.data.user.email).toBe(ada.email);
  expect(claimsOf(answer.body.data.accessToken).amr).toEqual(['pop', 'mfa']);
  expect((await gatehouse.get('/me', { token: answer.body.data.accessToken })).status).toBe(200);
  const { passkeys } = (await gatehouse.get('/factors', { token: answer.body.data.accessToken })).body.data;
  expect(passkeys).toMatchObject([{ id: ada.passkeyId, isSynced: true, lastUsedAt: expect.any(String) }]);
});

test('people without a password log in with it, and a locked password does not matter', async () => {
  const ada = await keyed(gatehouse);
  await query('UPDATE users SET password_hash = NULL WHERE email = $1', [ada.email]);
  expect((await loginByPasskey(gatehouse, ada.device)).status).toBe(200);
  const bob = await keyed(gatehouse);
  const client = { headers: { 'CF-Connecting-IP': '2001:db8:77::1' } };
  const guess = () => gatehouse.post('/login', { email: bob.email, password: 'not the password' }, client);
  while ((await guess()).status !== 429);
  expect((await loginByPasskey(gatehouse, bob.device)).status).toBe(200);
});

test('a wrong code too many blocks codes, and neither the passkey alone nor as the second factor', async () => {
  const ada = await both();
  const ticket = await ticketFor(gatehouse, ada);
  const guess = () => gatehouse.post('/login/mfa', { ticket, code: wrongCode(gatehouse, ada.secret) });
  while ((await guess()).status !== 429);
  const owed = (await login(gatehouse, ada)).body.data;
  const assertion = await ada.device.get(owed.passkeyOptions);
  expect((await gatehouse.post('/login/mfa', { ticket: owed.ticket, assertion })).status).toBe(200);
  expect((await loginByPasskey(gatehouse, ada.device)).status).toBe(200);
});

test('a passkey is the second factor of a login by password, for 2 and 2 trips', async () => {
  const ada = await both();
  const first = await gatehouse.tripsOf(() => login(gatehouse, ada));
  const { ticket, methods, passkeyOptions } = first.answer.body.data;
  expect(methods).toEqual(['totp', 'passkey', 'recovery']);
  const assertion = await ada.device.get(passkeyOptions);
  const second = await gatehouse.tripsOf(() => gatehouse.post('/login/mfa', { ticket, assertion }));
  expect([first.count, second.count, second.answer.status]).toEqual([2, 2, 200]);
  expect(claimsOf(second.answer.body.data.accessToken).amr).toEqual(['pwd', 'pop', 'mfa']);
  // The same answer with the same ticket, and with the next one.
  expect(await gatehouse.post('/login/mfa', { ticket, assertion })).toMatchObject(VOID);
  const next = await ticketFor(gatehouse, ada);
  expect(await gatehouse.post('/login/mfa', { ticket: next, assertion })).toMatchObject(WRONG);
});

test('a passkey alone makes no login by password owe a second factor', async () => {
  const ada = await keyed(gatehouse);
  expect((await login(gatehouse, ada)).body.data.accessToken).toBeDefined();
});

test('an unknown passkey and a wrong answer look alike: status, body, headers, trips', async () => {
  const [ada, stranger] = [await keyed(gatehouse), await newDevice(gatehouse)];
  const of = async (body: unknown) => {
    const { count, answer } = await gatehouse.tripsOf(() => gatehouse.post('/login/passkey', body));
    return {
      count,
      status: answer.status,
      body: { ...answer.body, requestId: '' },
      headers: steadyHeaders(answer),
    };
  };
  const wrong = await passkeyLogin(gatehouse, ada.device, { rpId: 'evil.test' });
  const unknown = await passkeyLogin(gatehouse, stranger, {
    userHandle: wrong.assertion.response.userHandle,
  });
  const seen = await of(wrong);
  expect(seen).toMatchObject({ count: 2, status: 401, body: { code: 'invalid_passkey' } });
  expect(await of(unknown)).toEqual(seen);
  expect(await eventsOf(ada, 'login.failed')).toEqual([{ reason: 'wrong_passkey' }]);
});

test('what does not fit is refused, and opens nothing', async () => {
  const [ada, bob] = [await keyed(gatehouse), await keyed(gatehouse)];
  const theirs = (await passkeyLogin(gatehouse, bob.device)).assertion.response.userHandle;
  for (const bent of [
    { origin: 'https://evil.test' },
    { rpId: 'evil.test' },
    { challenge: 'QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE' },
    { userHandle: theirs },
    { flags: { verified: false } },
    { credentialId: bob.device.id },
    { crossOrigin: true },
  ])
    expect(await loginByPasskey(gatehouse, ada.device, bent), JSON.stringify(bent)).toMatchObject(INVALID);
  // The answer of one to the options of another.
  const [mine, other] = [
    await passkeyLogin(gatehouse, ada.device),
    await passkeyLogin(gatehouse, ada.device),
  ];
  expect(await gatehouse.post('/login/passkey', { ...mine, ticket: other.ticket })).toMatchObject(INVALID);
  const sessions = await gatehouse.get('/sessions', { token: ada.accessToken });
  expect(sessions.body.data.sessions).toHaveLength(1);
});

test('a ticket of another kind, a forged one and an old one are refused without a trip', async () => {
  const ada = await both();
  const { ticket, assertion } = await passkeyLogin(gatehouse, ada.device);
  const login = await ticketFor(gatehouse, ada);
  for (const wrong of [login, `${ticket}x`, 'a.b.c', ada.accessToken]) {
    const { count, answer } = await gatehouse.tripsOf(() =>
      gatehouse.post('/login/passkey', { ticket: wrong, assertion }),
    );
    expect({ count, ...answer }).toMatchObject({ count: 0, ...VOID });
  }
  gatehouse.clock.travel(301);
  expect(await gatehouse.post('/login/passkey', { ticket, assertion })).toMatchObject(VOID);
});

test('a ticket opens one session, however often its answer is sent, and also at once', async () => {
  const ada = await keyed(gatehouse);
  const once = await passkeyLogin(gatehouse, ada.device);
  expect((await gatehouse.post('/login/passkey', once)).status).toBe(200);
  expect(await gatehouse.post('/login/passkey', once)).toMatchObject(INVALID);
  const raced = await passkeyLogin(gatehouse, ada.device);
  const send = () => gatehouse.post('/login/passkey', raced);
  const answers = await inThisOrder(
    gatehouse,
    ada.email,
    Array.from({ length: 3 }, () => ({ send, trips: 2 })),
  );
  expect(answers.map(({ status }) => status)).toEqual([200, 401, 401]);
});

test('a passkey that is removed, or whose person is disabled, between the two trips opens nothing', async () => {
  const [ada, bob] = [await keyed(gatehouse), await keyed(gatehouse)];
  const changes = [
    { who: ada, sql: 'DELETE FROM passkeys WHERE user_id = (SELECT id FROM users WHERE email = $1)' },
    { who: bob, sql: 'UPDATE users SET disabled_at = now() WHERE email = $1' },
  ];
  for (const { who, sql } of changes) {
    const body = await passkeyLogin(gatehouse, who.device);
    const [, answer] = await inThisOrder<unknown>(gatehouse, who.email, [
      {
        send: () =>
          query(`${sql} RETURNING (SELECT count(*) FROM (SELECT FROM users WHERE email = $1 FOR UPDATE) u)`, [
            who.email,
          ]),
        trips: 0,
      },
      { send: () => gatehouse.post('/login/passkey', body), trips: 2 },
    ]);
    expect(answer).toMatchObject(INVALID);
  }
});

test('a counter that goes back is refused, recorded and mailed, and not for a synced passkey', async () => {
  const ada = await keyed(gatehouse, { synced: false });
  expect((await loginByPasskey(gatehouse, ada.device, { counter: 7 })).status).toBe(200);
  for (const counter of [7, 3, 0])
    expect(await loginByPasskey(gatehouse, ada.device, { counter })).toMatchObject(INVALID);
  expect(await eventsOf(ada, 'passkey.copied')).toHaveLength(3);
  expect((await mailWith(ada.email, /may have been copied/)).subject).toMatch(/passkey/i);
  expect((await loginByPasskey(gatehouse, ada.device, { counter: 8 })).status).toBe(200);

  const bob = await keyed(gatehouse);
  for (const counter of [7, 3, 0])
    expect((await loginByPasskey(gatehouse, bob.device, { counter })).status).toBe(200);
  expect(await eventsOf(bob, 'passkey.copied')).toEqual([]);
});

test('as the second factor, too, a counter that goes back is refused, recorded and mailed', async () => {
  const ada = await both({ synced: false });
  const answer = async (counter: number) => {
    const { ticket, passkeyOptions } = (await login(gatehouse, ada)).body.data;
    const assertion = await ada.device.get(passkeyOptions, { counter });
    return gatehouse.post('/login/mfa', { ticket, assertion });
  };
  expect((await answer(5)).status).toBe(200);
  expect(await answer(5)).toMatchObject(WRONG);
  expect(await eventsOf(ada, 'passkey.copied')).toEqual([{ reason: 'counter_back' }]);
  await mailWith(ada.email, /may have been copied/);
});

test('a passkey works after a change of the password, and a ticket of the first step does not', async () => {
  const ada = await both();
  const { ticket, passkeyOptions } = (await login(gatehouse, ada)).body.data;
  const newPassword = 'another plum kettle';
  const body = { currentPassword: ada.password, newPassword };
  expect((await gatehouse.post('/change-password', body, { token: ada.accessToken })).status).toBe(200);
  const assertion = await ada.device.get(passkeyOptions);
  expect(await gatehouse.post('/login/mfa', { ticket, assertion })).toMatchObject(VOID);
  expect((await loginByPasskey(gatehouse, ada.device)).status).toBe(200);
});

test('an oversized answer is refused before anything is decoded', async () => {
  const ada = await keyed(gatehouse);
  const { ticket, assertion } = await passkeyLogin(gatehouse, ada.device);
  const send = (authenticatorData: string, app = gatehouse) =>
    app.post('/login/passkey', {
      ticket,
      assertion: { ...assertion, response: { ...assertion.response, authenticatorData } },
    });
  const megabyte = 'A'.repeat(1_048_576);
  expect(await send(megabyte)).toMatchObject({ status: 413, body: { code: 'payload_too_large' } });
  expect(await send('A'.repeat(8_192))).toMatchObject({ status: 422, body: { code: 'validation_failed' } });
});

test('a session of a passkey lists no second device for the same browser, and tells of a new one', async () => {
  const ada = await keyed(gatehouse);
  const body = await passkeyLogin(gatehouse, ada.device);
  expect((await gatehouse.post('/login/passkey', { ...body, deviceToken: ada.deviceToken })).status).toBe(
    200,
  );
  expect(
    await query('SELECT FROM email_outbox WHERE kind = $1 AND recipient = $2', ['new_device', ada.email]),
  ).toEqual([]);
  await loginByPasskey(gatehouse, ada.device);
  await mailWith(ada.email, /not seen before/);
});

test('a passkey of the person is none of anybody else', async () => {
  const [ada, bob] = [await both(), await loggedIn(gatehouse)];
  const owed = (await login(gatehouse, ada)).body.data;
  const stranger = await addPasskey(gatehouse, bob);
  const assertion = await stranger.device.get(owed.passkeyOptions);
  expect(await gatehouse.post('/login/mfa', { ticket: owed.ticket, assertion })).toMatchObject(WRONG);
});
