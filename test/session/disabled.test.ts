/** A person who is disabled: nothing opens, nothing goes on, and nothing tells it from a wrong password. */
import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { later } from '../../src/lib/time.ts';
import { openDb } from '../../src/store/db.ts';
import { openSession } from '../../src/store/sessions.ts';
import { accountsOf } from '../support/accounts.ts';
import { query } from '../support/control-client.ts';
import { type Gatehouse, startGatehouse, steadyHeaders } from '../support/gatehouse.ts';
import { endsOf, eventsOf, mailsOwedTo } from '../support/history.ts';
import { inThisOrder } from '../support/hold.ts';
import { codeIn, linkTokenIn, nextMessageTo } from '../support/mailbox.ts';
import { askToMove, freshAddress, move, takeBack } from '../support/move.ts';
import { loggedIn, login, person, resident, signUp } from '../support/person.ts';

const disable = (email: string) => query('UPDATE users SET disabled_at = now() WHERE email = $1', [email]);
const enable = (email: string) => query('UPDATE users SET disabled_at = NULL WHERE email = $1', [email]);

test('the right password is answered like a wrong one, with the same trips', async () => {
  const gatehouse = startGatehouse();
  const [ada, other] = [await resident(gatehouse), await resident(gatehouse)];
  await disable(ada.email);
  const disabled = await gatehouse.tripsOf(() => login(gatehouse, ada));
  const wrong = await gatehouse.tripsOf(() => login(gatehouse, { ...other, password: 'not the password' }));
  expect(disabled.answer.status).toBe(401);
  expect({ ...disabled.answer.body, requestId: '' }).toEqual({ ...wrong.answer.body, requestId: '' });
  expect(steadyHeaders(disabled.answer)).toEqual(steadyHeaders(wrong.answer));
  expect(disabled.count).toBe(wrong.count);
  await enable(ada.email);
  expect((await login(gatehouse, ada)).status).toBe(200);
});

test('live sessions are ended ones: no access token, no refresh, no logout event', async () => {
  const gatehouse = startGatehouse();
  const { accessToken: token, refreshToken, deviceToken, email, password } = await loggedIn(gatehouse);
  await disable(email);
  const answers = [
    await gatehouse.get('/me', { token }),
    await gatehouse.get('/sessions', { token }),
    await gatehouse.delete('/sessions', { token }),
    await gatehouse.get('/events', { token }),
    await gatehouse.get('/me/export', { token }),
    await gatehouse.call('PATCH', '/me', { name: 'Eve' }, { token }),
    await gatehouse.post(
      '/change-password',
      { currentPassword: password, newPassword: 'a brand new kettle' },
      { token },
    ),
  ];
  for (const answer of answers)
    expect(answer).toMatchObject({ status: 401, body: { code: 'invalid_token' } });
  expect(await gatehouse.post('/refresh', { refreshToken, deviceToken })).toMatchObject({
    status: 401,
    body: { code: 'invalid_refresh_token' },
  });
  expect((await gatehouse.post('/logout', { refreshToken, deviceToken })).status).toBe(200);
  expect(await eventsOf(email, 'logout')).toEqual([]);
  expect(await endsOf(email)).toEqual([null]);
});

test('who is disabled between the two trips of a login is not let in', async () => {
  const gatehouse = startGatehouse();
  const ada = await resident(gatehouse);
  const [, answer] = await inThisOrder<unknown>(gatehouse, ada.email, [
    { send: () => disable(ada.email), trips: 0 },
    { send: () => login(gatehouse, ada), trips: 2 },
  ]);
  expect(answer).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } });
  expect(await endsOf(ada.email)).toEqual([]);
});

test('an account without a password is opened by none', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  await query('UPDATE users SET password_hash = NULL WHERE email = $1', [ada.email]);
  expect((await login(gatehouse, ada)).status).toBe(401);
  const change = { currentPassword: ada.password, newPassword: 'a brand new kettle' };
  expect(await gatehouse.post('/change-password', change, { token: ada.accessToken })).toMatchObject({
    status: 403,
    body: { code: 'wrong_password' },
  });
});

test('no mailed code or link works, and a request for one mails nothing', async () => {
  const gatehouse = startGatehouse();
  const [ada, newEmail] = [await loggedIn(gatehouse), freshAddress()];
  const before = await nextMessageTo(ada.email);
  await gatehouse.post('/forgot-password', { email: ada.email });
  const link = linkTokenIn(await nextMessageTo(ada.email, { after: before }));
  await askToMove(gatehouse, ada, newEmail);
  const code = codeIn(await nextMessageTo(newEmail));
  await disable(ada.email);
  const reset = { token: link, newPassword: 'a brand new kettle' };
  expect(await gatehouse.post('/reset-password', reset)).toMatchObject({ status: 400 });
  expect(await gatehouse.post('/change-email/confirm', { code }, { token: ada.accessToken })).toMatchObject({
    status: 401,
    body: { code: 'invalid_token' },
  });
  expect((await gatehouse.post('/forgot-password', { email: ada.email })).status).toBe(200);
  expect(await mailsOwedTo(ada.email, 'reset_password')).toBe(1);
});

test('a sign-up is proven by nothing, gets no new code, and its password is a wrong one', async () => {
  const gatehouse = startGatehouse();
  const who = person('waiting');
  const { id, mail } = await signUp(gatehouse, who);
  await disable(who.email);
  const token = linkTokenIn(mail);
  for (const proof of [
    { id, code: codeIn(mail) },
    { id, token },
    { token, password: who.password },
  ])
    expect(await gatehouse.post('/verify-email', proof)).toMatchObject({
      status: 400,
      body: { code: 'invalid_code' },
    });
  expect(await login(gatehouse, who)).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } });
  expect((await gatehouse.post('/verify-email/resend', { id })).status).toBe(200);
  expect(await mailsOwedTo(who.email, 'verify_email')).toBe(1);
  await enable(who.email);
  expect((await gatehouse.post('/verify-email', { id, token })).status).toBe(200);
  // The same proof again is answered as it was: but not to somebody who is disabled by now.
  await disable(who.email);
  expect((await gatehouse.post('/verify-email', { id, token })).status).toBe(400);
});

test('an undo of a change calls the deletion off, and leaves disabled whom an operator has disabled', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const { moved, notice, newEmail } = await move(gatehouse, ada);
  const { accessToken: token, password } = moved;
  expect((await gatehouse.call('DELETE', '/me', { password }, { token })).status).toBe(200);
  await query(`UPDATE users SET disabled_by = 'bob' WHERE email = $1`, [newEmail]);
  expect((await takeBack(gatehouse, notice)).status).toBe(200);
  expect(
    await query(
      'SELECT disabled_at IS NOT NULL AS is_disabled, deletion_due_at FROM users WHERE email = $1',
      [ada.email],
    ),
  ).toEqual([{ is_disabled: true, deletion_due_at: null }]);
});

test('the statement that opens a session opens none for somebody disabled, whatever the proof is', async () => {
  const gatehouse = startGatehouse();
  const [ada, eve] = [await loggedIn(gatehouse), await loggedIn(gatehouse, 'eve')];
  await disable(ada.email);
  expect(await opened(gatehouse, ada.email)).toBeUndefined();
  expect(await opened(gatehouse, eve.email)).toBeDefined();
  expect(await endsOf(ada.email)).toEqual([null]);
});

/** With a proof that forgets to look whether the person is disabled. */
async function opened({ config, clock }: Gatehouse, email: string) {
  const [{ id: userId } = { id: '' }] = await accountsOf(email);
  const now = clock.now();
  const session = {
    ...{
      id: uuidv7(),
      userId,
      secretHash: new Uint8Array(32),
      deviceId: uuidv7(),
      transport: 'body' as const,
      mfaEpoch: 0,
    },
    ...{ amr: ['pwd'], idleExpiresAt: later(now, 60), expiresAt: later(now, 60), isNewDevice: false },
    replaces: undefined,
  };
  const caller = { client: null, userAgent: null, place: null, requestId: 'door' };
  const proven = sql`SELECT id, email FROM users WHERE id = ${userId}::uuid`;
  const proof = { proven, opening: {}, withheld: {} };
  return openSession(openDb(config), session, proof, { maxLive: 20, graceSeconds: 10 }, caller, now);
}
