/** What an undo of a change of address leaves behind, and what a thief cannot prevent by other changes before it. */
import { expect, test } from 'vitest';
import { query } from '../support/control-client.ts';
import { freshClient, startGatehouse } from '../support/gatehouse.ts';
import { linkTokenIn, mailWith, nextMessageTo } from '../support/mailbox.ts';
import { askToMove, freshAddress, move, takeBack } from '../support/move.ts';
import { keyed, loginByPasskey } from '../support/passkeys.ts';
import { loggedIn, login, type Person } from '../support/person.ts';
import { NEW_PASSWORD, reset } from '../support/reset.ts';

const UNDO_SECONDS = 72 * 3_600;
const UNDONE = { status: 200, body: { data: { outcome: 'undone' } } };

test('a reset link in the replaced mailbox is void after the undo', async () => {
  const gatehouse = startGatehouse();
  const { newEmail, notice } = await move(gatehouse, await loggedIn(gatehouse));
  const newest = await mailWith(newEmail, /was changed/);
  await gatehouse.post('/forgot-password', { email: newEmail });
  const token = linkTokenIn(await nextMessageTo(newEmail, { after: newest }));
  expect(await takeBack(gatehouse, notice)).toMatchObject(UNDONE);
  const reset = { token, newPassword: 'a kettle of the thief' };
  expect(await gatehouse.post('/reset-password', reset)).toMatchObject({
    status: 400,
    body: { code: 'invalid_code' },
  });
});

test('an undo opens no account that an operator has disabled', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const { newEmail, notice } = await move(gatehouse, ada);
  await query('UPDATE users SET disabled_at = now() WHERE email = $1', [newEmail]);
  expect(await takeBack(gatehouse, notice)).toMatchObject(UNDONE);
  expect(
    await query('SELECT disabled_at IS NULL AS is_open FROM users WHERE email = $1', [ada.email]),
  ).toEqual([{ is_open: false }]);
});

test('from A to B and back, and on to C: the last link goes back to A', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const there = await move(gatehouse, ada);
  const back = await move(gatehouse, there.moved, ada.email);
  const { newEmail, changed } = await move(gatehouse, back.moved);
  expect(await takeBack(gatehouse, changed)).toMatchObject(UNDONE);
  expect(
    await query('SELECT email FROM users WHERE email = ANY($1)', [[ada.email, there.newEmail, newEmail]]),
  ).toEqual([{ email: ada.email }]);
});

/** Logged in again, because the earlier access token has expired. */
async function again(gatehouse: ReturnType<typeof startGatehouse>, who: Person) {
  const { status, body } = await login(gatehouse, who);
  expect(status).toBe(200);
  return { ...who, ...body.data };
}

test('a change that can no longer be undone does not count: an undo of a later one leads to its own old address', async () => {
  const gatehouse = startGatehouse();
  const { newEmail, moved } = await move(gatehouse, await loggedIn(gatehouse));
  gatehouse.clock.travel(UNDO_SECONDS + 1);
  const { notice } = await move(gatehouse, await again(gatehouse, moved));
  expect(await takeBack(gatehouse, notice)).toMatchObject(UNDONE);
  expect(await query('SELECT email FROM users WHERE email = $1', [newEmail])).toHaveLength(1);
});

test('once a change can no longer be undone, a deletion happens at once', async () => {
  const gatehouse = startGatehouse();
  const { newEmail, moved } = await move(gatehouse, await loggedIn(gatehouse));
  gatehouse.clock.travel(UNDO_SECONDS + 1);
  const { accessToken: token, password } = await again(gatehouse, moved);
  expect((await gatehouse.call('DELETE', '/me', { password }, { token })).status).toBe(200);
  expect(await query('SELECT email FROM users WHERE email = $1', [newEmail])).toEqual([]);
});

test('a deletion waits until the last change can no longer be undone, and no mailbox in between can undo', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const there = await move(gatehouse, ada);
  gatehouse.clock.travel(10 * 3_600);
  await move(gatehouse, await again(gatehouse, there.moved), ada.email);
  const { password, accessToken: token } = await again(gatehouse, ada);
  const { body } = await gatehouse.call('DELETE', '/me', { password }, { token });
  const inHours = (Date.parse(body.data.erasedAt) - gatehouse.clock.now().getTime()) / 3_600_000;
  expect(inHours).toBeGreaterThan(71);
  const notices = `SELECT o.recipient FROM email_outbox o JOIN users u ON u.id = o.user_id
    WHERE u.email = $1 AND o.kind = 'account_deletion_requested'`;
  expect(await query(notices, [ada.email])).toEqual(Array(2).fill({ recipient: ada.email }));
});

test('a device that was known before an undo is unknown after it: it gets no second reset link', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const { email, deviceToken } = ada;
  const { notice } = await move(gatehouse, ada);
  expect(await takeBack(gatehouse, notice)).toMatchObject(UNDONE);
  const headers = { 'CF-Connecting-IP': freshClient() };
  for (const asked of [{ email }, { email, deviceToken }])
    expect((await gatehouse.post('/forgot-password', asked, { headers })).status).toBe(200);
  const links = `SELECT status = 'skipped' AS is_held_back FROM email_outbox
    WHERE recipient = $1 AND kind = 'reset_password' ORDER BY id`;
  expect(await query(links, [email])).toEqual([{ is_held_back: false }, { is_held_back: true }]);
});

test('a passkey that is older than the change opens a session, which moves no address before a reset sets a password', async () => {
  const gatehouse = startGatehouse();
  const ada = await keyed(gatehouse);
  const { notice } = await move(gatehouse, ada);
  expect(await takeBack(gatehouse, notice)).toMatchObject(UNDONE);
  const opened = await loginByPasskey(gatehouse, ada.device);
  expect(opened.status).toBe(200);
  const inside = { ...ada, ...opened.body.data };
  const refused = { status: 403, body: { code: 'wrong_password' } };
  for (const password of [ada.password, NEW_PASSWORD])
    expect(await askToMove(gatehouse, { ...inside, password }, freshAddress())).toMatchObject(refused);
  await gatehouse.post('/forgot-password', { email: ada.email });
  const token = linkTokenIn(await mailWith(ada.email, /Set a new/));
  expect((await reset(gatehouse, token)).status).toBe(200);
  const now = await again(gatehouse, { ...ada, password: NEW_PASSWORD });
  expect((await askToMove(gatehouse, now, freshAddress())).status).toBe(200);
});
