/** Whoever owes a second factor proves it to delete the account, too: beside the password, or by a step-up. */
import { expect, test } from 'vitest';
import { query } from '../support/control-client.ts';
import { type Answer, startGatehouse, startStill } from '../support/gatehouse.ts';
import { inThisOrder } from '../support/hold.ts';
import { linkTokenIn, mailWith } from '../support/mailbox.ts';
import { move, takeBack } from '../support/move.ts';
import { keyed, stepUp } from '../support/passkeys.ts';
import { loggedIn, login, type Person, type Tokens } from '../support/person.ts';
import { forgot, NEW_PASSWORD, reset } from '../support/reset.ts';
import {
  codeAt,
  enrol,
  type Guarded,
  guarded,
  loginWithCode,
  nextCode,
  stepOf,
  ticketFor,
  wrongCode,
} from '../support/totp-app.ts';

// In this one, no time passes but that which a test travels.
const gatehouse = startStill();
const OWED = { status: 403, body: { code: 'second_factor_required' } };
const WRONG = { status: 403, body: { code: 'wrong_second_factor' } };
type Factor = { code?: string; recoveryCode?: string | undefined };
const remove = ({ password, accessToken: token }: Person & Tokens, secondFactor?: Factor) =>
  gatehouse.call('DELETE', '/me', { password, secondFactor }, { token });
const isThere = async ({ email }: Person) =>
  (await query('SELECT FROM users WHERE email = $1 AND disabled_at IS NULL', [email])).length === 1;
const statuses = (answers: Answer[]) => answers.map(({ status }) => status);

test('the password alone, a wrong code, a used one and a trusted device delete nothing; password and code do', async () => {
  const ada = await guarded(gatehouse);
  const { body } = await loginWithCode(gatehouse, ada, { trustDevice: true });
  const trusted = { ...ada, ...(await login(gatehouse, { ...ada, ...body.data })).body.data };
  for (const who of [ada, trusted]) expect(await remove(who)).toMatchObject(OWED);
  const used = codeAt(ada.secret, stepOf(gatehouse));
  for (const code of [wrongCode(gatehouse, ada.secret), used])
    expect(await remove(ada, { code })).toMatchObject(WRONG);
  expect(await remove(ada, { recoveryCode: 'abcd-efgh-ijkl-mnop' })).toMatchObject(WRONG);
  const code = nextCode(gatehouse, ada.secret);
  const wrong = await remove({ ...ada, password: 'not the password' }, { code });
  expect(wrong).toMatchObject({ status: 403, body: { code: 'wrong_password' } });
  expect(await isThere(ada)).toBe(true);
  expect((await remove(trusted, { code })).status).toBe(200);
  expect(await query('SELECT FROM users WHERE email = $1', [ada.email])).toEqual([]);
});

test('password and code cost two trips, also where the code is wrong', async () => {
  const ada = await guarded(gatehouse);
  const { secret } = ada;
  for (const [code, status] of [
    [wrongCode(gatehouse, secret), 403],
    [nextCode(gatehouse, secret), 200],
  ] as const) {
    const { count, answer } = await gatehouse.tripsOf(() => remove(ada, { code }));
    expect({ count, status: answer.status }).toEqual({ count: 2, status });
  }
});

test('a passkey that is owed is a step-up before the deletion', async () => {
  const ada = await keyed(gatehouse);
  await query('UPDATE users SET mfa_required = true WHERE email = $1', [ada.email]);
  expect(await remove(ada)).toMatchObject(OWED);
  const ticket = await stepUp(gatehouse, ada, { purpose: 'delete-account' });
  const answer = await gatehouse.call('DELETE', '/me', { stepUp: ticket }, { token: ada.accessToken });
  expect(answer.status).toBe(200);
});

test('whoever owes none sends the password alone; a code beside it is not looked at', async () => {
  const ada = await loggedIn(gatehouse);
  expect((await remove(ada, { code: '000000' })).status).toBe(200);
});

test('wrong codes are counted with the wrong passwords of the session: of 20 at once five are judged', async () => {
  const at = startGatehouse({ PASSWORD_HASH_WAITING: '25' });
  const ada = await guarded(at);
  const { password, accessToken: token } = ada;
  const guess = (code: string) => at.call('DELETE', '/me', { password, secondFactor: { code } }, { token });
  const wrong = wrongCode(at, ada.secret);
  const answers = await Promise.all(Array.from({ length: 20 }, () => guess(wrong)));
  const codes = answers.map(({ body }) => body.code);
  expect(codes.filter((code) => code === 'wrong_second_factor')).toHaveLength(5);
  expect(codes.filter((code) => code === 'login_locked')).toHaveLength(15);
  expect(await guess(nextCode(at, ada.secret))).toMatchObject({
    status: 429,
    body: { code: 'login_locked' },
  });
  expect(await isThere(ada)).toBe(true);
});

test('a code that is missing is no guess', async () => {
  const ada = await guarded(gatehouse);
  const counted = () =>
    query(
      `SELECT FROM failed_login_attempts c JOIN users u ON u.id = c.user_id WHERE u.email = $1 AND c.failures > 0`,
      [ada.email],
    );
  for (let times = 0; times < 7; times++) {
    expect(await remove(ada)).toMatchObject(OWED);
    // The try is taken back after the answer.
    await expect.poll(counted).toEqual([]);
  }
  expect((await remove(ada, { code: nextCode(gatehouse, ada.secret) })).status).toBe(200);
});

test('two deletions at once with one code: one acts, and the other finds code and session used up', async () => {
  const ada = await guarded(gatehouse);
  const phone = { ...ada, ...(await loginWithCode(gatehouse, ada)).body.data };
  const secondFactor = { code: nextCode(gatehouse, ada.secret) };
  const answers = await inThisOrder(gatehouse, ada.email, [
    { send: () => remove(ada, secondFactor), trips: 2 },
    { send: () => remove(phone, secondFactor), trips: 2 },
  ]);
  expect(statuses(answers)).toEqual([200, 403]);
  expect(answers[1]).toMatchObject(WRONG);
});

test.each(['code', 'recoveryCode'] as const)(
  'the %s that another request is using up at the same moment deletes nothing',
  async (kind) => {
    const ada = await guarded(gatehouse);
    const answer =
      kind === 'code' ? { code: nextCode(gatehouse, ada.secret) } : { recoveryCode: ada.recoveryCodes[0] };
    const ticket = await ticketFor(gatehouse, ada);
    const [opened, deleted] = await inThisOrder(gatehouse, ada.email, [
      { send: () => gatehouse.post('/login/mfa', { ticket, ...answer }), trips: 2 },
      { send: () => remove(ada, answer), trips: 2 },
    ]);
    expect(opened?.status).toBe(200);
    expect(deleted).toMatchObject(WRONG);
    expect(await isThere(ada)).toBe(true);
  },
);

test('a factor that is added while a deletion by password alone is on its way stops it', async () => {
  const ada = await loggedIn(gatehouse);
  const token = ada.accessToken;
  const begun = await gatehouse.post('/factors/totp', { proof: { password: ada.password } }, { token });
  const { secret, ticket } = begun.body.data;
  const body = { ticket, code: codeAt(secret, stepOf(gatehouse)) };
  const [added, deleted] = await inThisOrder(gatehouse, ada.email, [
    { send: () => gatehouse.post('/factors/totp/confirm', body, { token }), trips: 1 },
    { send: () => remove(ada), trips: 2 },
  ]);
  expect(added?.status).toBe(200);
  expect(deleted).toMatchObject({ status: 403, body: { code: 'wrong_password' } });
  expect(await isThere(ada)).toBe(true);
});

/** Somebody with an app whose address was just changed: a deletion only closes the account, and an undo opens it. */
async function moved(): Promise<{ ada: Guarded; notice: string; old: Guarded }> {
  const old = await guarded(gatehouse);
  const secondFactor = { code: nextCode(gatehouse, old.secret) };
  const { newEmail, notice } = await move(gatehouse, { ...old, secondFactor });
  return { ada: { ...old, email: newEmail }, notice, old };
}

/** The undo, and a new password: the old one is off. */
async function reopened(notice: string, old: Guarded): Promise<Guarded> {
  expect((await takeBack(gatehouse, notice)).body.data).toEqual({ outcome: 'undone' });
  expect((await forgot(gatehouse, old)).status).toBe(200);
  const token = linkTokenIn(await mailWith(old.email, /Set a new/));
  expect((await reset(gatehouse, token)).status).toBe(200);
  return { ...old, password: NEW_PASSWORD };
}

test('what closed an account is used up when an undo opens it again', async () => {
  const { ada, notice, old } = await moved();
  const [recoveryCode, other] = ada.recoveryCodes;
  expect(await remove(ada)).toMatchObject(OWED);
  expect((await remove(ada, { recoveryCode })).status).toBe(200);
  expect(await isThere(ada)).toBe(false);
  await mailWith(ada.email, /recovery code/i);
  const back = await reopened(notice, old);
  const answer = async (code: string | undefined) =>
    gatehouse.post('/login/mfa', { ticket: await ticketFor(gatehouse, back), recoveryCode: code });
  expect(await answer(recoveryCode)).toMatchObject(WRONG);
  expect((await answer(other)).status).toBe(200);
});

test('the code of an app that closed an account opens nothing after the undo', async () => {
  const { ada, notice, old } = await moved();
  const code = nextCode(gatehouse, ada.secret);
  expect((await remove(ada, { code })).status).toBe(200);
  const back = await reopened(notice, old);
  const ticket = await ticketFor(gatehouse, back);
  expect(await gatehouse.post('/login/mfa', { ticket, code })).toMatchObject(WRONG);
});

test('a step-up is not had by the password of whoever owes a factor, nor with the ticket of other factors', async () => {
  const ada = await loggedIn(gatehouse);
  const act = { purpose: 'delete-account' };
  const token = ada.accessToken;
  const proof = { password: ada.password };
  const early = (await gatehouse.post('/step-up', { act, proof }, { token })).body.data.ticket;
  const now = await enrol(gatehouse, ada);
  expect(await gatehouse.post('/step-up', { act, proof }, { token })).toMatchObject(OWED);
  const byTicket = (stepUp: string) => gatehouse.call('DELETE', '/me', { stepUp }, { token });
  expect(await byTicket(early)).toMatchObject({ status: 400, body: { code: 'invalid_ticket' } });
  const code = nextCode(gatehouse, now.secret);
  const late = (await gatehouse.post('/step-up', { act, proof: { code } }, { token })).body.data.ticket;
  expect((await byTicket(late)).status).toBe(200);
});
