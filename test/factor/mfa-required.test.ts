/** MFA_REQUIRED=all: nobody logs in by password alone, and whoever has only the password adds no factor (ASVS 6.3.3). */
import { expect, test } from 'vitest';
import { inParallel } from '../../src/lib/concurrency.ts';
import { query } from '../support/control-client.ts';
import { appShown, enrolmentOwed, type Owed, strictBeside } from '../support/enrolment.ts';
import { type Answer, startGatehouse } from '../support/gatehouse.ts';
import { endsOf } from '../support/history.ts';
import { codeIn, linkTokenIn, mailWith, messagesTo } from '../support/mailbox.ts';
import { keyed, passkeyLogin } from '../support/passkeys.ts';
import { loggedIn, login, type Person, resident } from '../support/person.ts';
import { codeAt, guarded, loginWithCode, nextCode, stepOf, wrongCode } from '../support/totp-app.ts';

const RACERS = 40;
const lenient = startGatehouse({ LIMITS: 'mfa=1000/900;login=1000/900' });
const strict = strictBeside(lenient);

const codeOf = ({ status, body }: Answer) => (status === 200 ? 'ok' : body.code);
const tally = (answers: Answer[]) => {
  const counts: Record<string, number> = {};
  for (const answer of answers) counts[codeOf(answer)] = (counts[codeOf(answer)] ?? 0) + 1;
  return counts;
};
const claimsOf = (accessToken: string) => JSON.parse(atob(accessToken.split('.')[1] ?? ''));
const prove = (owed: Owed) => strict.post('/login/enrol', owed);
const other = (code: string) => (code === '000000' ? '111111' : '000000');
const kindsOf = async ({ email }: Person) =>
  (
    await query<{ kind: string }>(
      'SELECT kind FROM security_events e JOIN users u ON u.id = e.user_id WHERE u.email = $1 ORDER BY e.id',
      [email],
    )
  ).map(({ kind }) => kind);

test('the right password opens nothing: with the mailed code an app is added, and its code opens the session', async () => {
  const ada = await resident(lenient);
  const owing = await login(strict, ada);
  expect(owing.body.data).toEqual({
    mfaRequired: true,
    ticket: expect.any(String),
    methods: ['enrolment'],
    expiresIn: strict.config.verificationCodeSeconds,
  });
  const { secret, ticket } = await appShown(strict, ada);
  const answer = await strict.post('/login/enrol/confirm', { ticket, code: codeAt(secret, stepOf(strict)) });
  expect(answer.status).toBe(200);
  const { user, accessToken, recoveryCodes } = answer.body.data;
  expect(user.email).toBe(ada.email);
  expect(recoveryCodes).toHaveLength(10);
  expect(claimsOf(accessToken).amr).toEqual(['pwd', 'otp', 'mfa']);
  expect((await strict.get('/factors', { token: accessToken })).body.data).toMatchObject({
    mfaRequired: true,
    recoveryCodes: { left: 10 },
  });
  await mailWith(ada.email, /was added to your account/);
  const events = ['mfa.enrolment_requested', 'mfa.enrolment_requested', 'mfa.enabled', 'login.success'];
  expect((await kindsOf(ada)).filter((kind) => /^(mfa|login)\./.test(kind))).toEqual(events);

  const next = await login(strict, ada);
  expect(next.body.data.methods).toEqual(['totp', 'recovery']);
  const { ticket: second } = next.body.data;
  expect(codeOf(await strict.post('/login/mfa', { ticket: second, recoveryCode: recoveryCodes[0] }))).toBe(
    'ok',
  );
});

test('a wrong password and an unknown address are told and mailed nothing', async () => {
  const ada = await resident(lenient);
  const [before] = await messagesTo(ada.email);
  const wrong = await login(strict, { ...ada, password: 'not the password' });
  const nobody = await login(strict, { ...ada, email: `x${ada.email}` });
  expect(wrong.body).toEqual({ ...nobody.body, requestId: wrong.body.requestId });
  expect(
    await query(
      'SELECT 1 FROM email_outbox o JOIN users u ON u.id = o.user_id WHERE u.email = $1 AND o.kind = $2',
      [ada.email, 'enrol_factor'],
    ),
  ).toEqual([]);
  expect((await messagesTo(ada.email))[0]).toEqual(before);
});

test('the ticket does nothing but enrol, and no other ticket enrols', async () => {
  const [ada, bob] = [await resident(lenient), await guarded(lenient, 'bob')];
  const owed = await enrolmentOwed(strict, ada);
  const app = await appShown(strict, await resident(lenient));
  const code = nextCode(lenient, bob.secret);
  expect(codeOf(await strict.post('/login/mfa', { ticket: owed.ticket, code }))).toBe('invalid_ticket');
  expect(codeOf(await strict.post('/login/enrol/confirm', { ...owed }))).toBe('invalid_ticket');
  const login = (await lenient.post('/login', { email: bob.email, password: bob.password })).body.data.ticket;
  for (const ticket of [login, app.ticket])
    expect(codeOf(await prove({ ...owed, ticket }))).toBe('invalid_ticket');
  expect(codeOf(await strict.post('/login/mfa', { ticket: app.ticket, code }))).toBe('invalid_ticket');
  expect(await endsOf(ada.email)).toEqual([]);
});

test('a code opens only the login that it was mailed for, once, and a newer login makes it void', async () => {
  const [ada, bob] = [await resident(lenient), await resident(lenient, 'bob')];
  const [first, bobs] = [await enrolmentOwed(strict, ada), await enrolmentOwed(strict, bob)];
  expect(codeOf(await prove({ ticket: bobs.ticket, code: first.code }))).toBe('invalid_code');
  const second = await enrolmentOwed(strict, ada);
  for (const owed of [first, { ...first, code: second.code }])
    expect(codeOf(await prove(owed))).toBe('invalid_code');
  expect(codeOf(await prove(second))).toBe('ok');
  expect(codeOf(await prove(second))).toBe('invalid_code');
  expect((await kindsOf(ada)).filter((kind) => kind === 'mfa.enrolment_failed')).toHaveLength(3);
});

test('of 40 guesses at once five are judged, and then the right code is refused as well', async () => {
  const ada = await resident(lenient);
  const owed = await enrolmentOwed(strict, ada);
  const guesses = await inParallel(8, Array.from({ length: RACERS }), () =>
    strict.post('/login/enrol', { ...owed, code: other(owed.code) }),
  );
  expect(tally(guesses)).toEqual({ invalid_code: RACERS });
  expect(codeOf(await prove(owed))).toBe('invalid_code');
  const kinds = await kindsOf(ada);
  expect(kinds.filter((kind) => kind === 'otp.exhausted')).toHaveLength(1);
});

test('of 40 right answers at once one shows a secret, and of 40 confirmations one opens a session', async () => {
  const ada = await resident(lenient);
  const owed = await enrolmentOwed(strict, ada);
  const shown = await inParallel(8, Array.from({ length: RACERS }), () => strict.post('/login/enrol', owed));
  expect(tally(shown)).toEqual({ ok: 1, invalid_code: RACERS - 1 });
  const [{ secret, ticket }] = shown.filter(({ status }) => status === 200).map(({ body }) => body.data);
  const code = codeAt(secret, stepOf(lenient));
  const opened = await inParallel(8, Array.from({ length: RACERS }), () =>
    strict.post('/login/enrol/confirm', { ticket, code }),
  );
  expect(tally(opened)).toEqual({ ok: 1, invalid_ticket: RACERS - 1 });
  expect(await endsOf(ada.email)).toEqual([null]);
});

test('a wrong code of the app adds nothing and costs no trip, and the next one does', async () => {
  const ada = await resident(lenient);
  const { secret, ticket } = await appShown(strict, ada);
  const confirm = (code: string) => strict.post('/login/enrol/confirm', { ticket, code });
  const { count, answer } = await strict.tripsOf(() => confirm(wrongCode(lenient, secret)));
  expect([count, codeOf(answer)]).toEqual([0, 'wrong_second_factor']);
  expect(codeOf(await confirm(nextCode(lenient, secret)))).toBe('ok');
});

test('what was begun is void after a change of password, of address or of factors', async () => {
  const fresh = async () => {
    const who = await loggedIn(lenient);
    return { who, owed: await enrolmentOwed(strict, who), app: await appShown(strict, who) };
  };
  const refused = async (owed: Owed, { secret, ticket }: { secret: string; ticket: string }) => {
    expect(codeOf(await prove(owed))).toBe('invalid_code');
    const code = codeAt(secret, stepOf(lenient));
    expect(codeOf(await strict.post('/login/enrol/confirm', { ticket, code }))).toBe('invalid_ticket');
  };
  const changed = await fresh();
  const again = await enrolmentOwed(strict, changed.who);
  const newPassword = 'a brand new kettle';
  const passwords = { currentPassword: changed.who.password, newPassword };
  expect(codeOf(await lenient.post('/change-password', passwords, { token: changed.who.accessToken }))).toBe(
    'ok',
  );
  await refused(again, changed.app);

  const moved = await fresh();
  const newEmail = `new-${moved.who.email}`;
  const asked = { newEmail, currentPassword: moved.who.password };
  expect(codeOf(await lenient.post('/change-email', asked, { token: moved.who.accessToken }))).toBe('ok');
  const late = await enrolmentOwed(strict, moved.who);
  const code = codeIn(await mailWith(newEmail, /new address|this address/));
  expect(
    codeOf(await lenient.post('/change-email/confirm', { code }, { token: moved.who.accessToken })),
  ).toBe('ok');
  expect(codeOf(await prove(late))).toBe('invalid_code');

  const added = await fresh();
  const waiting = await enrolmentOwed(strict, added.who);
  const begun = await lenient.post(
    '/factors/totp',
    { proof: { password: added.who.password } },
    { token: added.who.accessToken },
  );
  const { secret, ticket } = begun.body.data;
  const confirmed = { ticket, code: codeAt(secret, stepOf(lenient)) };
  expect(
    codeOf(await lenient.post('/factors/totp/confirm', confirmed, { token: added.who.accessToken })),
  ).toBe('ok');
  await refused(waiting, added.app);
});

test('four codes are mailed in a day: the fifth login is told, and a reset begins anew', async () => {
  const ada = await resident(lenient);
  const owed = [];
  for (let times = 0; times < 4; times++) owed.push(await enrolmentOwed(strict, ada));
  const held = await login(strict, ada);
  expect([held.status, held.body.code]).toEqual([429, 'rate_limited']);
  const wait = Number(held.headers.get('Retry-After'));
  expect(wait).toBeGreaterThan(86_000);
  const [before] = await messagesTo(ada.email);
  expect(codeOf(await lenient.post('/forgot-password', { email: ada.email }))).toBe('ok');
  const token = linkTokenIn(await mailWith(ada.email, /#token=/, before));
  expect(codeOf(await strict.post('/reset-password', { token, newPassword: 'a brand new kettle' }))).toBe(
    'ok',
  );
  expect(codeOf(await prove(owed[3] as Owed))).toBe('invalid_code');
  expect(codeOf(await prove(await enrolmentOwed(strict, { ...ada, password: 'a brand new kettle' })))).toBe(
    'ok',
  );
});

test('a login that is held back leaves the code that was mailed before', async () => {
  const ada = await resident(lenient);
  let owed: Owed | undefined;
  for (let times = 0; times < 4; times++) owed = await enrolmentOwed(strict, ada);
  expect((await login(strict, ada)).status).toBe(429);
  expect(codeOf(await prove(owed as Owed))).toBe('ok');
});

test('a session that is open goes on and is refreshed; the next login needs the factor', async () => {
  const ada = await loggedIn(lenient);
  const refreshed = await strict.post('/refresh', { refreshToken: ada.refreshToken });
  expect(refreshed.status).toBe(200);
  expect((await strict.get('/me', { token: refreshed.body.data.accessToken })).status).toBe(200);
  expect((await login(strict, ada)).body.data.methods).toEqual(['enrolment']);
});

test('a passkey with user verification opens the session; with the password it is the second factor', async () => {
  const ada = await keyed(lenient);
  expect(codeOf(await strict.post('/login/passkey', await passkeyLogin(strict, ada.device)))).toBe('ok');
  expect((await login(strict, ada)).body.data.methods).toEqual(['passkey']);
  const password = { proof: { password: ada.password } };
  const alone = await strict.post('/factors/totp', password, { token: ada.accessToken });
  expect(codeOf(alone)).toBe('second_factor_required');
  expect((await strict.get('/factors', { token: ada.accessToken })).body.data.mfaRequired).toBe(true);
});

test('whoever has an app is asked for it and is mailed no code', async () => {
  const ada = await guarded(lenient);
  expect(codeOf(await loginWithCode(strict, ada))).toBe('ok');
  expect((await kindsOf(ada)).filter((kind) => kind === 'mfa.enrolment_requested')).toEqual([]);
});

test('a device that was trusted for factors that are gone skips nothing', async () => {
  const ada = await guarded(lenient);
  const trusted = await loginWithCode(lenient, ada, { trustDevice: true });
  const { accessToken, deviceToken } = trusted.body.data;
  const proof = { recoveryCode: ada.recoveryCodes[0] };
  expect(codeOf(await lenient.call('DELETE', '/factors/totp', { proof }, { token: accessToken }))).toBe('ok');
  expect((await login(strict, { ...ada, deviceToken })).body.data.methods).toEqual(['enrolment']);
});
