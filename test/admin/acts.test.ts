/** What an operator does to one person, what the person sees of it, and what both at once come to. */
import { expect, test } from 'vitest';
import { act } from '../../src/admin/acts.ts';
import { runSchedule } from '../../src/jobs/schedule.ts';
import { accountsOf } from '../support/accounts.ts';
import { acting, actsOn, adminDeps, byOperator } from '../support/admin.ts';
import { query } from '../support/control-client.ts';
import { type Gatehouse, startGatehouse } from '../support/gatehouse.ts';
import { fail, resetTokenFor } from '../support/guesses.ts';
import { endsOf, eventsOf } from '../support/history.ts';
import { inThisOrder } from '../support/hold.ts';
import { linkTokenIn, mailWith } from '../support/mailbox.ts';
import { move, takeBack } from '../support/move.ts';
import { startJobs } from '../support/outbox.ts';
import { loggedIn, login, person, resident, signUp } from '../support/person.ts';

/** The minute's work of the jobs Worker, a minute later: it finds mail that nobody has queued. */
async function aMinuteLater(): Promise<void> {
  const jobs = startJobs();
  jobs.travel(60);
  await runSchedule(jobs.deps);
}

test('who is disabled has no session and no link any more, until an operator enables them', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const token = await resetTokenFor(gatehouse, ada);
  expect(await byOperator(gatehouse, 'disable', ada)).toBe('done');
  expect(await endsOf(ada.email)).toEqual(['account_disabled']);
  expect((await login(gatehouse, ada)).status).toBe(401);
  expect(await byOperator(gatehouse, 'disable', ada)).toBe('unchanged');
  expect(await byOperator(gatehouse, 'reset', ada)).toBe('unchanged');
  expect(await byOperator(gatehouse, 'enable', ada)).toBe('done');
  expect(await byOperator(gatehouse, 'enable', ada)).toBe('unchanged');
  expect((await login(gatehouse, ada)).status).toBe(200);
  const reset = { token, newPassword: 'a brand new kettle' };
  expect((await gatehouse.post('/reset-password', reset)).status).toBe(400);
  expect(await eventsOf(ada.email, 'admin.%')).toEqual(['admin.disabled', 'admin.enabled']);
  expect(await byOperator(gatehouse, 'disable', person('nobody'))).toBe('unknown');
});

test('the person reads what was done and when, and neither by whom nor why', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const who = acting({ reason: 'looks like the thief of ticket 12', operator: 'bob@example.com' });
  expect(await byOperator(gatehouse, 'logout', ada, who)).toBe('done');
  const { accessToken: token } = (await login(gatehouse, ada)).body.data;
  const { events } = (await gatehouse.get('/events', { token })).body.data;
  expect(events).toContainEqual(
    expect.objectContaining({ kind: 'admin.logged_out', outcome: 'success', client: null, device: null }),
  );
  const { body } = await gatehouse.get('/me/export', { token });
  expect(JSON.stringify(body)).toContain('admin.logged_out');
  for (const told of [events, body]) expect(JSON.stringify(told)).not.toMatch(/ticket 12|bob@/);
  const { kind, operator, door, reason } = { kind: 'admin.logged_out', ...who };
  expect(await actsOn(ada.email)).toEqual([{ kind, operator, door, reason }]);
});

test('whoever locked themselves out is let in again, also after the password was switched off', async () => {
  const gatehouse = startGatehouse({ LOGIN_FAILURES_IN_A_ROW: '20', LOGIN_STRANGER_TRIES: '50' });
  const ada = await resident(gatehouse);
  expect(await byOperator(gatehouse, 'unlock', ada)).toBe('unchanged');
  await fail(gatehouse, ada, 20);
  const locked = await login(gatehouse, ada);
  expect(locked.body.code).toBe('login_locked');
  expect(await byOperator(gatehouse, 'unlock', ada)).toBe('done');
  expect((await login(gatehouse, ada)).status).toBe(200);
});

test('a reset that an operator starts is mailed to the person, who sets the password', async () => {
  const gatehouse = startGatehouse();
  const ada = await resident(gatehouse);
  expect(await byOperator(gatehouse, 'reset', ada)).toBe('done');
  await aMinuteLater();
  const mail = await mailWith(ada.email, /new password/);
  expect(mail.text).toContain('60 minutes');
  const reset = { token: linkTokenIn(mail), newPassword: 'a brand new kettle' };
  expect((await gatehouse.post('/reset-password', reset)).status).toBe(200);
  expect((await login(gatehouse, { ...ada, password: reset.newPassword })).status).toBe(200);
});

test('a sign-up whose mail was lost gets its link again, and the old code is void', async () => {
  const gatehouse = startGatehouse();
  const who = person('waiting');
  const { id, mail } = await signUp(gatehouse, who);
  expect(await byOperator(gatehouse, 'resend', who)).toBe('done');
  await aMinuteLater();
  const again = await mailWith(who.email, /Confirm your address/, mail);
  expect(again.subject).not.toMatch(/\d{6}/);
  const code = /\d{6}/.exec(mail.subject)?.[0] ?? '';
  expect((await gatehouse.post('/verify-email', { id, code })).status).toBe(400);
  const proof = { token: linkTokenIn(again), password: who.password };
  expect((await gatehouse.post('/verify-email', proof)).status).toBe(200);
  expect(await byOperator(gatehouse, 'resend', who)).toBe('unchanged');
});

test('a deletion takes everything along but that an operator acted, and says farewell', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const [earlier, last] = [acting(), acting()];
  await byOperator(gatehouse, 'logout', ada, earlier);
  expect(await byOperator(gatehouse, 'delete', ada, last)).toBe('done');
  expect(await accountsOf(ada.email)).toEqual([]);
  const left = await query(
    `SELECT e.kind, e.user_id, a.reason IS NULL AS is_empty FROM security_events e JOIN admin_acts a ON a.event_id = e.id
     WHERE a.event_id IN (SELECT event_id FROM admin_acts) AND (e.request_id = $1 OR a.reason = $2 AND e.kind = 'admin.deleted')`,
    [last.requestId, last.reason],
  );
  expect(left).toContainEqual({ kind: 'admin.deleted', user_id: null, is_empty: false });
  await aMinuteLater();
  await mailWith(ada.email, /is deleted/);
});

test('while the old mailbox can undo a change of address, nobody deletes the account', async () => {
  const gatehouse = startGatehouse();
  const { moved, notice } = await move(gatehouse, await loggedIn(gatehouse));
  expect(await byOperator(gatehouse, 'delete', moved)).toBe('unchanged');
  expect((await takeBack(gatehouse, notice)).status).toBe(200);
});

test('two operators at once: one of them does it, and it is written once', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const [first, second] = [acting({ operator: 'bob' }), acting({ operator: 'eve' })];
  const inTurn = (...acts: [name: Parameters<typeof byOperator>[1], who: typeof first][]) =>
    inThisOrder(
      gatehouse,
      ada.email,
      acts.map(([name, who]) => ({ send: () => byOperator(gatehouse, name, ada, who), trips: 1 })),
    );
  expect(await inTurn(['disable', first], ['disable', second])).toEqual(['done', 'unchanged']);
  expect(await byOperator(gatehouse, 'enable', ada, second)).toBe('done');
  // Two at a time: Postgres lets those who wait for a row that was changed meanwhile go in any order.
  expect(await inTurn(['delete', first], ['disable', second])).toEqual(['done', 'unknown']);
});

test('an operator and the person at once: whatever comes second is judged by what came first', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const { accessToken: token, password: currentPassword } = ada;
  const change = { currentPassword, newPassword: 'a brand new kettle' };
  const [early, outcome, late, changed] = await inThisOrder<unknown>(gatehouse, ada.email, [
    { send: () => login(gatehouse, ada), trips: 2 },
    { send: () => byOperator(gatehouse, 'disable', ada), trips: 1 },
    { send: () => login(gatehouse, ada), trips: 2 },
    { send: () => gatehouse.post('/change-password', change, { token }), trips: 2 },
  ]);
  expect(early).toMatchObject({ status: 200 });
  expect(outcome).toBe('done');
  expect(late).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } });
  expect(changed).toMatchObject({
    status: expect.any(Number),
    body: { code: expect.stringMatching(/invalid_token|wrong_password/) },
  });
  expect(await endsOf(ada.email)).toEqual(['account_disabled', 'account_disabled']);
});

const anAct = (gatehouse: Gatehouse, who: ReturnType<typeof acting>, id = crypto.randomUUID()) =>
  act(adminDeps(gatehouse), 'disable', id, who);

test.each([
  ['no name', { operator: '' }, 'operator'],
  ['a name that nobody sees', { operator: '\u2800' }, 'operator'],
  ['a name of two lines', { operator: 'bob\nadmin.enabled' }, 'operator'],
  ['a name without end', { operator: 'b'.repeat(201) }, 'operator'],
  ['no reason', { reason: '' }, 'reason'],
  ['a reason of blanks', { reason: '     ' }, 'reason'],
  ['a reason with an escape sequence', { reason: 'ticket \u001b[2J' }, 'reason'],
  ['a reason that is turned around', { reason: 'ticket \u202e4711' }, 'reason'],
  ['a reason without end', { reason: 'r'.repeat(501) }, 'reason'],
])('%s: refused before anything is asked of the database', async (_, more, path) => {
  const gatehouse = startGatehouse();
  const { count, answer } = await gatehouse.tripsOf(() =>
    anAct(gatehouse, acting(more)).catch((error) => error),
  );
  expect(answer).toMatchObject({ code: 'validation_failed', members: { errors: [{ path }] } });
  expect(count).toBe(0);
});

test('an id that is none is refused', async () => {
  const gatehouse = startGatehouse();
  await expect(anAct(gatehouse, acting(), "' OR true --")).rejects.toMatchObject({
    code: 'validation_failed',
  });
});
