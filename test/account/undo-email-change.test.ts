/** A change of address is undone from the old mailbox, whatever the thief has done since. */
import { expect, test, vi } from 'vitest';
import type { JobsDeps } from '../../src/jobs/deps.ts';
import { eraseClosedAccounts } from '../../src/store/deletion.ts';
import { query } from '../support/control-client.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { endsOf, eventsOf } from '../support/history.ts';
import { codeIn, linkTokenIn, mailWith, messagesTo, nextMessageTo } from '../support/mailbox.ts';
import { codeToMove, confirmMove, move, takeBack } from '../support/move.ts';
import { startJobs } from '../support/outbox.ts';
import { loggedIn, login, person } from '../support/person.ts';

const UNDO_SECONDS = 72 * 3_600;
/** As the schedule does it: what a deadlock with another statement prevents is done a minute later. */
const erase = (deps: JobsDeps) =>
  vi.waitFor(() => eraseClosedAccounts(deps.db, deps.now()), { timeout: 100_000 });
const DONE = (outcome: string) => ({ status: 200, body: { data: { outcome } } });

test('the link in the old mailbox restores the address, ends every session and switches the password off', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const { newEmail, notice, changed, moved } = await move(gatehouse, ada);
  const thief = (await login(gatehouse, moved)).body.data;

  expect(await takeBack(gatehouse, notice)).toMatchObject(DONE('undone'));
  for (const { accessToken: token, refreshToken } of [ada, thief]) {
    expect((await gatehouse.get('/me', { token })).status).toBe(401);
    expect((await gatehouse.post('/refresh', { refreshToken })).status).toBe(401);
  }
  for (const who of [ada, moved, { ...moved, deviceToken: thief.deviceToken }])
    expect((await login(gatehouse, who)).status).toBe(401);

  for (const address of [ada.email, newEmail]) {
    const confirmation = await mailWith(address, /was undone/);
    expect(confirmation.text).not.toContain('#token=');
  }
  for (const token of [notice, changed]) expect(await takeBack(gatehouse, token)).toMatchObject(DONE('none'));
  expect(await endsOf(ada.email)).toEqual(['email_change_undone', 'email_change_undone']);
  expect(await eventsOf(ada.email, 'email.%')).toEqual([
    'email.change_requested',
    'email.changed',
    'email.change_undone',
  ]);

  const confirmation = await mailWith(ada.email, /was undone/);
  await gatehouse.post('/forgot-password', { email: ada.email });
  const token = linkTokenIn(await nextMessageTo(ada.email, { after: confirmation }));
  const password = 'a kettle of her own';
  expect((await gatehouse.post('/reset-password', { token, newPassword: password })).status).toBe(200);
  expect((await login(gatehouse, { ...ada, password })).status).toBe(200);
});

test('the new mailbox gets no link', async () => {
  const gatehouse = startGatehouse();
  const { newEmail } = await move(gatehouse, await loggedIn(gatehouse));
  const { text } = await mailWith(newEmail, /was changed/);
  expect(text).not.toContain('#token=');
});

test.each(['first', 'second'])('from A to B to C, the %s link goes back to A', async (which) => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const first = await move(gatehouse, ada);
  const second = await move(gatehouse, first.moved);
  const token = which === 'first' ? first.notice : second.changed;
  expect(await takeBack(gatehouse, token)).toMatchObject(DONE('undone'));
  const emailsOf = 'SELECT email FROM users WHERE email = ANY($1)';
  const addresses = [ada.email, first.newEmail, second.newEmail];
  expect(await query(emailsOf, [addresses])).toEqual([{ email: ada.email }]);
});

test('of two undos at the same moment one succeeds', async () => {
  const gatehouse = startGatehouse();
  const { notice, changed } = await move(gatehouse, await loggedIn(gatehouse));
  const answers = await Promise.all([notice, changed, notice].map((token) => takeBack(gatehouse, token)));
  expect(answers.map(({ body }) => body.data.outcome).sort()).toEqual(['none', 'none', 'undone']);
});

test('after 72 hours nothing can be undone, and the old address is free', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const { notice } = await move(gatehouse, ada);
  gatehouse.clock.travel(UNDO_SECONDS + 1);
  expect(await takeBack(gatehouse, notice)).toMatchObject(DONE('none'));
  const [newest] = await messagesTo(ada.email);
  const { id } = (await gatehouse.post('/signup', { ...person('heir'), email: ada.email })).body.data;
  const code = codeIn(await nextMessageTo(ada.email, newest && { after: newest }));
  expect((await gatehouse.post('/verify-email', { id, code })).status).toBe(200);
});

test('the old address stays reserved: nobody can sign up with it, and the undo still works', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const { notice } = await move(gatehouse, ada);
  const [newest] = await messagesTo(ada.email);
  const { id } = (await gatehouse.post('/signup', { ...person('eve'), email: ada.email })).body.data;
  const code = codeIn(await nextMessageTo(ada.email, newest && { after: newest }));
  expect((await gatehouse.post('/verify-email', { id, code })).status).toBe(400);
  expect(await takeBack(gatehouse, notice)).toMatchObject(DONE('undone'));
});

test('the old address stays reserved: nobody else can change to it, and the undo still works', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const { notice } = await move(gatehouse, ada);
  const eve = await loggedIn(gatehouse, 'eve');
  const code = await codeToMove(gatehouse, eve, ada.email);
  expect((await confirmMove(gatehouse, eve, code)).status).toBe(400);
  expect(await takeBack(gatehouse, notice)).toMatchObject(DONE('undone'));
});

test('a deletion while the change can be undone closes the account at once, and an undo brings it back', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const { newEmail, notice, moved } = await move(gatehouse, ada);
  const { password, accessToken: token } = ada;
  const deletion = await gatehouse.call('DELETE', '/me', { password }, { token });
  expect(deletion.status).toBe(200);
  const inHours = (Date.parse(deletion.body.data.erasedAt) - gatehouse.clock.now().getTime()) / 3_600_000;
  expect(inHours).toBeGreaterThan(71);
  expect((await gatehouse.get('/me', { token })).status).toBe(401);
  expect((await login(gatehouse, moved)).status).toBe(401);
  expect(await endsOf(newEmail)).toEqual(['account_disabled']);
  expect(await eventsOf(newEmail, 'account.%')).toEqual(['account.deletion_requested']);
  expect((await mailWith(newEmail, /is closed/)).text).not.toContain('#token=');
  const link = linkTokenIn(await mailWith(ada.email, /is closed[\s\S]*#token=/));
  expect(await takeBack(gatehouse, link)).toMatchObject(DONE('undone'));
  expect(await takeBack(gatehouse, notice)).toMatchObject(DONE('none'));
  const { deps, travel } = startJobs();
  travel(UNDO_SECONDS + 60);
  await erase(deps);
  expect(await query('SELECT email, disabled_at FROM users WHERE email = $1', [ada.email])).toEqual([
    { email: ada.email, disabled_at: null },
  ]);
});

test('without an undo the closed account is erased once the time for an undo is over', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const { newEmail } = await move(gatehouse, ada);
  await gatehouse.call('DELETE', '/me', { password: ada.password }, { token: ada.accessToken });
  const held = () => query('SELECT id FROM users WHERE email = $1', [newEmail]);
  const { deps, travel } = startJobs();
  await erase(deps);
  expect(await held()).toHaveLength(1);
  travel(UNDO_SECONDS + 60);
  await erase(deps);
  expect(await held()).toEqual([]);
});
