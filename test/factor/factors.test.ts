/** Changes of the second factors, and what a thief with half of what it takes can do: nothing. */
import { expect, test } from 'vitest';
import { query } from '../support/control-client.ts';
import { type Gatehouse, startGatehouse } from '../support/gatehouse.ts';
import { endsOf } from '../support/history.ts';
import { linkTokenIn, mailWith } from '../support/mailbox.ts';
import { move, takeBack } from '../support/move.ts';
import { loggedIn, login, person } from '../support/person.ts';
import { forgot } from '../support/reset.ts';
import {
  enrol,
  type Guarded,
  guarded,
  loginWithCode,
  nextCode,
  ticketFor,
  wrongCode,
} from '../support/totp-app.ts';

const gatehouse = startGatehouse();
const NEW_PASSWORD = 'a brand new kettle';
const factorsOf = (email: string) =>
  query(
    `SELECT u.mfa_epoch, t.key_id, t.last_step, encode(t.sealed, 'hex') AS sealed, r.set_id, r.used
     FROM users u LEFT JOIN totp_factors t ON t.user_id = u.id LEFT JOIN recovery_codes r ON r.user_id = u.id
     WHERE u.email = $1`,
    [email],
  );
/** Other mails may come in between. */
const resetTokenFor = async (who: Guarded) => {
  expect((await forgot(gatehouse, who)).status).toBe(200);
  return linkTokenIn(await mailWith(who.email, /Set a new/));
};

test('a stolen session changes no factor, and neither does the password where a factor is owed', async () => {
  const ada = await guarded(gatehouse);
  const token = ada.accessToken;
  const before = await factorsOf(ada.email);
  const { post, call } = gatehouse;
  const wrong = { code: wrongCode(gatehouse, ada.secret) };
  const tried = [
    [{ password: ada.password }, 'second_factor_required'],
    [{ password: 'not the password' }, 'wrong_password'],
    [{ recoveryCode: 'abcd-efgh-ijkl-mnop' }, 'wrong_second_factor'],
    [{ code: ada.enrolmentCode }, 'wrong_second_factor'],
  ] as const;
  for (const [proof, code] of tried) {
    const answers = [
      await post('/factors/totp', { proof }, { token }),
      await call('DELETE', '/factors/totp', { proof }, { token }),
      await post('/factors/recovery-codes', { proof }, { token }),
    ];
    // One session has five guesses in 15 minutes, whatever it guesses.
    for (const { body } of answers)
      expect([code, 'login_locked', 'second_factor_locked']).toContain(body.code);
  }
  const move = { newEmail: person('thief').email, currentPassword: ada.password };
  gatehouse.clock.travel(3_600);
  const { refreshToken, deviceToken } = ada;
  const fresh = (await post('/refresh', { refreshToken, deviceToken })).body.data.accessToken;
  const unproven = await post('/change-email', move, { token: fresh });
  expect(unproven.body.code).toBe('second_factor_required');
  const guess = await post('/change-email', { ...move, secondFactor: wrong }, { token: fresh });
  expect(guess.body.code).toBe('wrong_second_factor');
  expect((await post('/factors/totp', {}, { token: fresh })).status).toBe(422);
  expect(await factorsOf(ada.email)).toEqual(before);
});

test('the address of somebody with an app changes with password and code, and the code is used up', async () => {
  const ada = await guarded(gatehouse);
  const token = ada.accessToken;
  const secondFactor = { code: nextCode(gatehouse, ada.secret) };
  const move = { newEmail: person('moved').email, currentPassword: ada.password, secondFactor };
  expect((await gatehouse.post('/change-email', move, { token })).status).toBe(200);
  expect((await gatehouse.post('/change-email', move, { token })).body.code).toBe('wrong_second_factor');
});

test('the app is removed with its code: other sessions end, recovery codes go, and the owner is told', async () => {
  const ada = await guarded(gatehouse);
  const { accessToken: token } = (await loginWithCode(gatehouse, ada)).body.data;
  const proof = { code: nextCode(gatehouse, ada.secret) };
  expect((await gatehouse.call('DELETE', '/factors/totp', { proof }, { token })).status).toBe(200);
  expect(await endsOf(ada.email)).toEqual(['factor_removed', null]);
  expect(await factorsOf(ada.email)).toMatchObject([{ sealed: null, set_id: null }]);
  const own = await gatehouse.get('/factors', { token });
  expect(own.body.data).toEqual({ mfaRequired: false, totp: null, recoveryCodes: null, passkeys: [] });
  expect((await login(gatehouse, ada)).body.data.accessToken).toBeDefined();
  for (const subject of [
    'Your Gatehouse login now needs a code',
    'Your Gatehouse login no longer needs a code',
  ])
    await mailWith(ada.email, new RegExp(`^${subject}`));
});

test('of 40 removals with one code one acts; new recovery codes make the old ones void', async () => {
  const ada = await guarded(gatehouse);
  const token = ada.accessToken;
  const proof = { recoveryCode: ada.recoveryCodes[0] };
  const renewals = await Promise.all(
    Array.from({ length: 40 }, () => gatehouse.post('/factors/recovery-codes', { proof }, { token })),
  );
  const [renewed, ...others] = renewals.filter(({ status }) => status === 200);
  expect(others).toEqual([]);
  const fresh: string[] = renewed?.body.data.recoveryCodes;
  expect(new Set([...fresh, ...ada.recoveryCodes]).size).toBe(20);
  for (const code of fresh) expect(code).toMatch(/^[a-z2-7]{4}(-[a-z2-7]{4}){3}$/);
  const { data } = (await gatehouse.get('/me/export', { token })).body;
  expect(data.secondFactors).toEqual({
    mfaRequired: false,
    totp: { createdAt: expect.any(String) },
    recoveryCodes: { left: 10, createdAt: expect.any(String) },
  });
  const ticket = await ticketFor(gatehouse, ada);
  const old = await gatehouse.post('/login/mfa', { ticket, recoveryCode: ada.recoveryCodes[1] });
  expect(old.body.code).toBe('wrong_second_factor');
  const typed = fresh[9]?.toUpperCase().replaceAll('-', ' ');
  expect((await gatehouse.post('/login/mfa', { ticket, recoveryCode: typed })).status).toBe(200);
  await mailWith(ada.email, /^New recovery codes for your Gatehouse account/);
  const told = await mailWith(ada.email, /^A recovery code of your Gatehouse account was used/);
  expect(told.text).toContain('9 codes left');
});

test('a reset keeps the second factor, its used steps and its counter', async () => {
  const ada = await guarded(gatehouse);
  const ticket = await ticketFor(gatehouse, ada);
  const code = wrongCode(gatehouse, ada.secret);
  for (let guess = 0; guess < 5; guess++) await gatehouse.post('/login/mfa', { ticket, code });
  const token = await resetTokenFor(ada);
  expect((await gatehouse.post('/reset-password', { token, newPassword: NEW_PASSWORD })).status).toBe(200);
  const renewed = { ...ada, password: NEW_PASSWORD };
  const after = await ticketFor(gatehouse, renewed);
  const locked = await gatehouse.post('/login/mfa', { ticket: after, code: nextCode(gatehouse, ada.secret) });
  expect(locked.body.code).toBe('second_factor_locked');
  gatehouse.clock.travel(900);
  expect((await loginWithCode(gatehouse, renewed)).status).toBe(200);
});

test('a stolen table opens nothing: there is no secret in it, and a row of another person does not open', async () => {
  const [ada, eve] = [await guarded(gatehouse), await guarded(gatehouse, 'eve')];
  const [row] = await factorsOf(ada.email);
  expect(JSON.stringify(row).toUpperCase()).not.toContain(ada.secret);
  for (const code of ada.recoveryCodes) expect(JSON.stringify(row)).not.toContain(code.replaceAll('-', ''));
  // Eve writes her own secret into the row of Ada, whose password she knows.
  await query(
    `UPDATE totp_factors SET sealed = (SELECT t.sealed FROM totp_factors t JOIN users u ON u.id = t.user_id WHERE u.email = $2)
     WHERE user_id = (SELECT id FROM users WHERE email = $1)`,
    [ada.email, eve.email],
  );
  const ticket = await ticketFor(gatehouse, ada);
  const code = nextCode(gatehouse, eve.secret);
  expect((await gatehouse.post('/login/mfa', { ticket, code })).body.code).toBe('wrong_second_factor');
  const [failed] = await query<{ reason: string }>(
    `SELECT e.reason FROM security_events e JOIN users u ON u.id = e.user_id
     WHERE u.email = $1 AND e.kind = 'mfa.failed' ORDER BY e.id DESC LIMIT 1`,
    [ada.email],
  );
  expect(failed?.reason).toBe('unreadable');
});

test('ten wrong codes tell the owner; fifty switch the password off until a reset, for new devices and trusted ones', async () => {
  const ada = await guarded(gatehouse);
  const guess = async (who: typeof ada) => {
    gatehouse.clock.travel(901);
    const ticket = await ticketFor(gatehouse, who);
    await gatehouse.post('/login/mfa', { ticket, code: wrongCode(gatehouse, ada.secret) });
  };
  for (let guesses = 0; guesses < 10; guesses++) await guess(ada);
  await mailWith(ada.email, /^Somebody knows your Gatehouse password/);
  await query(
    `UPDATE failed_login_attempts SET in_a_row = 49 WHERE in_a_row = 10 AND user_id = (SELECT id FROM users WHERE email = $1)`,
    [ada.email],
  );
  const ticket = await ticketFor(gatehouse, ada);
  gatehouse.clock.travel(200);
  await query(
    `UPDATE failed_login_attempts SET locked_until = NULL WHERE user_id = (SELECT id FROM users WHERE email = $1)`,
    [ada.email],
  );
  await gatehouse.post('/login/mfa', { ticket, code: wrongCode(gatehouse, ada.secret) });
  expect((await login(gatehouse, ada)).body.code).toBe('invalid_credentials');
  expect((await gatehouse.post('/login/mfa', { ticket, recoveryCode: ada.recoveryCodes[0] })).body.code).toBe(
    'invalid_ticket',
  );
  const token = await resetTokenFor(ada);
  await gatehouse.post('/reset-password', { token, newPassword: NEW_PASSWORD });
  gatehouse.clock.travel(900);
  expect((await loginWithCode(gatehouse, { ...ada, password: NEW_PASSWORD })).status).toBe(200);
});

test('with an older key the secret still opens, and a login seals it under the newest', async () => {
  const ada = await guarded(gatehouse);
  const old = gatehouse.config.factorSecrets.map(
    ({ id, secret }) => `${id}:${Buffer.from(secret).toString('base64url')}`,
  );
  const fresh = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url');
  const rotated: Gatehouse = startGatehouse(
    { FACTOR_SECRETS: [`fresh:${fresh}`, ...old].join(',') },
    {},
    gatehouse.clock,
  );
  expect((await loginWithCode(rotated, ada)).status).toBe(200);
  expect(await factorsOf(ada.email)).toMatchObject([{ key_id: 'fresh' }]);
  const retired = startGatehouse({ FACTOR_SECRETS: `fresh:${fresh}` }, {}, gatehouse.clock);
  expect((await loginWithCode(retired, ada)).status).toBe(200);
  const ticket = await ticketFor(retired, ada);
  const [recoveryCode] = ada.recoveryCodes;
  expect((await retired.post('/login/mfa', { ticket, recoveryCode })).body.code).toBe('wrong_second_factor');
  expect((await gatehouse.post('/login/mfa', { ticket, recoveryCode })).status).toBe(200);
});

test('without a factor there is none to remove and no codes to make, and the password is enough to ask', async () => {
  const ada = await loggedIn(gatehouse);
  const options = { token: ada.accessToken };
  const proof = { password: ada.password };
  expect((await gatehouse.call('DELETE', '/factors/totp', { proof }, options)).status).toBe(404);
  expect((await gatehouse.post('/factors/recovery-codes', { proof }, options)).status).toBe(404);
  expect((await gatehouse.post('/factors/totp', { proof: { code: '123456' } }, options)).status).toBe(403);
});

test('an app that a thief adds after a change of address goes with the undo, and an older one stays', async () => {
  const [ada, bob] = [await loggedIn(gatehouse), await guarded(gatehouse, 'bob')];
  const { changed } = await move(gatehouse, ada);
  await enrol(gatehouse, ada);
  await takeBack(gatehouse, changed);
  const moved = await move(gatehouse, { ...bob, secondFactor: { code: nextCode(gatehouse, bob.secret) } });
  await takeBack(gatehouse, moved.changed);
  expect(await factorsOf(ada.email)).toMatchObject([{ sealed: null, set_id: null }]);
  expect(await factorsOf(bob.email)).toMatchObject([
    { sealed: expect.any(String), set_id: expect.any(String) },
  ]);
});
