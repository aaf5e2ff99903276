/** A login with an authenticator app or a recovery code: what each code, ticket and recovery code opens, and how often. */
import { expect, test } from 'vitest';
import { inParallel } from '../../src/lib/concurrency.ts';
import { query } from '../support/control-client.ts';
import { type Answer, startStill } from '../support/gatehouse.ts';
import { inThisOrder } from '../support/hold.ts';
import { loggedIn, login } from '../support/person.ts';
import {
  codeAt,
  type Guarded,
  guarded,
  loginWithCode,
  nextCode,
  stepOf,
  ticketFor,
  wrongCode,
} from '../support/totp-app.ts';

const RACERS = 40;
const gatehouse = startStill();
const claimsOf = (accessToken: string) => JSON.parse(atob(accessToken.split('.')[1] ?? ''));
const answerTo = (ticket: string, answer: Record<string, unknown>) =>
  gatehouse.post('/login/mfa', { ticket, ...answer });
const codeOf = ({ status, body }: Answer) => (status === 200 ? 'opened' : body.code);
const tally = (answers: Answer[]) => {
  const counts: Record<string, number> = {};
  for (const answer of answers) counts[codeOf(answer)] = (counts[codeOf(answer)] ?? 0) + 1;
  return counts;
};
const sessionsOf = async ({ email }: Guarded) =>
  (await query('SELECT s.id FROM user_sessions s JOIN users u ON u.id = s.user_id WHERE email = $1', [email]))
    .length;
/** A few at a time: passwords that are being checked count as tries. */
const tickets = (who: Guarded, count: number) =>
  inParallel(4, Array.from({ length: count }), () => ticketFor(gatehouse, who));

test('the right password gets a ticket and no token; a code of the app then opens the session', async () => {
  const ada = await guarded(gatehouse);
  const owing = await login(gatehouse, ada);
  expect(owing.body.data).toEqual({
    mfaRequired: true,
    ticket: expect.any(String),
    methods: ['totp', 'recovery'],
    expiresIn: 300,
  });
  const { ticket } = owing.body.data;
  const answer = await answerTo(ticket, { code: nextCode(gatehouse, ada.secret) });
  expect(answer.status).toBe(200);
  expect(answer.body.data.user.email).toBe(ada.email);
  expect(claimsOf(answer.body.data.accessToken).amr).toEqual(['pwd', 'otp', 'mfa']);
  expect((await gatehouse.get('/me', { token: answer.body.data.accessToken })).status).toBe(200);
  expect(claimsOf(answer.body.data.accessToken).auth_time).toBeLessThanOrEqual(
    Math.ceil(gatehouse.clock.now().getTime() / 1_000),
  );
});

test('who has an app is told only after the right password, and a login of the password alone is no event', async () => {
  const ada = await guarded(gatehouse);
  const wrong = await login(gatehouse, { ...ada, password: 'not the password' });
  const nobody = await login(gatehouse, { ...ada, email: `x${ada.email}` });
  expect(wrong.body).toEqual({ ...nobody.body, requestId: wrong.body.requestId });
  await ticketFor(gatehouse, ada);
  const kinds = (await gatehouse.get('/events', { token: ada.accessToken })).body.data.events.map(
    ({ kind }: { kind: string }) => kind,
  );
  expect(kinds).toEqual(expect.arrayContaining(['mfa.enabled', 'login.failed']));
  expect(kinds.filter((kind: string) => kind === 'login.success')).toHaveLength(1);
});

test('the code of the enrolment opens nothing, and no code works twice, with whatever ticket', async () => {
  const ada = await guarded(gatehouse);
  const [one, two, three] = await tickets(ada, 3);
  expect(codeOf(await answerTo(one ?? '', { code: ada.enrolmentCode }))).toBe('wrong_second_factor');
  const code = nextCode(gatehouse, ada.secret);
  expect(codeOf(await answerTo(one ?? '', { code }))).toBe('opened');
  expect(codeOf(await answerTo(two ?? '', { code }))).toBe('wrong_second_factor');
  // A neighbour that is older than the newest one used, and would count by itself.
  const ahead = codeAt(ada.secret, stepOf(gatehouse) + 1);
  expect(codeOf(await answerTo(two ?? '', { code: ahead }))).toBe('opened');
  gatehouse.clock.travel(30);
  const older = codeAt(ada.secret, stepOf(gatehouse) - 1);
  expect(codeOf(await answerTo(three ?? '', { code: older }))).toBe('wrong_second_factor');
});

test('of 40 requests with one code and a ticket each, one opens a session', async () => {
  const ada = await guarded(gatehouse);
  const all = await tickets(ada, RACERS);
  const code = nextCode(gatehouse, ada.secret);
  const before = await sessionsOf(ada);
  const counts = tally(await Promise.all(all.map((ticket) => answerTo(ticket, { code }))));
  expect(counts.opened).toBe(1);
  expect(await sessionsOf(ada)).toBe(before + 1);
});

test('of 40 requests with one ticket and three good codes, one opens a session', async () => {
  const ada = await guarded(gatehouse);
  gatehouse.clock.travel(60);
  const ticket = await ticketFor(gatehouse, ada);
  const codes = [-1, 0, 1].map((away) => codeAt(ada.secret, stepOf(gatehouse) + away));
  const before = await sessionsOf(ada);
  const answers = await Promise.all(
    Array.from({ length: RACERS }, (_, n) => answerTo(ticket, { code: codes[n % 3] })),
  );
  expect(tally(answers).opened).toBe(1);
  expect(await sessionsOf(ada)).toBe(before + 1);
  const late = await answerTo(ticket, { code: nextCode(gatehouse, ada.secret) });
  expect(codeOf(late)).toBe('invalid_ticket');
});

test('of 40 requests with one recovery code and a ticket each, one opens a session; ten codes open ten', async () => {
  const ada = await guarded(gatehouse);
  const all = await tickets(ada, RACERS);
  const [recoveryCode] = ada.recoveryCodes;
  const raced = tally(await Promise.all(all.map((ticket) => answerTo(ticket, { recoveryCode }))));
  expect(raced).toEqual({ opened: 1, wrong_second_factor: RACERS - 1 });
  const more = await tickets(ada, RACERS);
  const counts = tally(
    await Promise.all(more.map((ticket, n) => answerTo(ticket, { recoveryCode: ada.recoveryCodes[n % 10] }))),
  );
  expect(counts).toEqual({ opened: 9, wrong_second_factor: RACERS - 9 });
  expect((await login(gatehouse, ada)).body.data.methods).toEqual(['totp']);
});

test('of 50 wrong codes at once five are judged; recovery codes still open, and 15 minutes later so do codes', async () => {
  const ada = await guarded(gatehouse);
  const ticket = await ticketFor(gatehouse, ada);
  const code = wrongCode(gatehouse, ada.secret);
  const answers = await Promise.all(Array.from({ length: 50 }, () => answerTo(ticket, { code })));
  expect(tally(answers)).toEqual({ wrong_second_factor: 5, second_factor_locked: 45 });
  const right = await answerTo(ticket, { code: nextCode(gatehouse, ada.secret) });
  expect(codeOf(right)).toBe('second_factor_locked');
  expect(Number(right.headers.get('Retry-After'))).toBeGreaterThan(800);
  expect(codeOf(await answerTo(ticket, { recoveryCode: ada.recoveryCodes[3] }))).toBe('opened');
  // A success clears nothing that it did not prove: the app is still locked.
  const [next] = await tickets(ada, 1);
  expect(codeOf(await answerTo(next ?? '', { code: nextCode(gatehouse, ada.secret) }))).toBe(
    'second_factor_locked',
  );
  gatehouse.clock.travel(900);
  expect((await loginWithCode(gatehouse, ada)).status).toBe(200);
});

test('a ticket is void after five minutes, for somebody else, and once the password or the factors have changed', async () => {
  const [ada, bob] = [await guarded(gatehouse), await guarded(gatehouse, 'bob')];
  const ticket = await ticketFor(gatehouse, ada);
  // The ticket says whose code is asked for.
  expect(codeOf(await answerTo(ticket, { code: nextCode(gatehouse, bob.secret) }))).toBe(
    'wrong_second_factor',
  );
  gatehouse.clock.travel(300);
  expect(codeOf(await answerTo(ticket, { code: nextCode(gatehouse, ada.secret) }))).toBe('invalid_ticket');
  expect(codeOf(await answerTo(`${ticket}x`, { code: '123456' }))).toBe('invalid_ticket');

  const [before] = await tickets(ada, 1);
  const newPassword = 'a brand new kettle';
  const change = { currentPassword: ada.password, newPassword };
  const changed = await gatehouse.post('/change-password', change, { token: ada.accessToken });
  expect(changed.status).toBe(200);
  const { accessToken: token } = changed.body.data;
  expect(codeOf(await answerTo(before ?? '', { code: nextCode(gatehouse, ada.secret) }))).toBe(
    'invalid_ticket',
  );

  const again = await ticketFor(gatehouse, { ...ada, password: newPassword });
  const proof = { code: nextCode(gatehouse, ada.secret) };
  expect((await gatehouse.call('DELETE', '/factors/totp', { proof }, { token })).status).toBe(200);
  expect(codeOf(await answerTo(again, { recoveryCode: ada.recoveryCodes[0] }))).toBe('invalid_ticket');
});

test('a password whose login began before the app was confirmed opens nothing after it', async () => {
  const ada = await loggedIn(gatehouse);
  const begun = await gatehouse.post(
    '/factors/totp',
    { proof: { password: ada.password } },
    { token: ada.accessToken },
  );
  const { secret, ticket } = begun.body.data;
  const confirm = () =>
    gatehouse.post(
      '/factors/totp/confirm',
      { ticket, code: codeAt(secret, stepOf(gatehouse)) },
      { token: ada.accessToken },
    );
  const [confirmed, raced] = await inThisOrder(gatehouse, ada.email, [
    { send: confirm, trips: 1 },
    { send: () => login(gatehouse, ada), trips: 2 },
  ]);
  expect(confirmed?.status).toBe(200);
  expect(raced?.body.code).toBe('invalid_credentials');
  expect((await login(gatehouse, ada)).body.data.mfaRequired).toBe(true);
});

test('an app added again replaces the old one', async () => {
  const ada = await guarded(gatehouse);
  const proof = { recoveryCode: ada.recoveryCodes[0] };
  const begun = await gatehouse.post('/factors/totp', { proof }, { token: ada.accessToken });
  const { secret, ticket } = begun.body.data;
  const code = codeAt(secret, stepOf(gatehouse));
  const confirmed = await gatehouse.post(
    '/factors/totp/confirm',
    { ticket, code },
    { token: ada.accessToken },
  );
  // There are codes already, and they go on counting.
  expect(confirmed.body.data).toEqual({ recoveryCodes: null });
  const old = await loginWithCode(gatehouse, ada);
  expect(codeOf(old)).toBe('wrong_second_factor');
  expect((await loginWithCode(gatehouse, { ...ada, secret })).status).toBe(200);
});
