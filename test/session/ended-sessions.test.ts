/** Sessions that are over: in no list, out of every count, and each with the reason it ended for. */
import { expect, test } from 'vitest';
import { query } from '../support/control-client.ts';
import { type Gatehouse, startGatehouse } from '../support/gatehouse.ts';
import { resetTokenFor } from '../support/guesses.ts';
import { messagesTo } from '../support/mailbox.ts';
import { codeToMove, confirmMove, freshAddress } from '../support/move.ts';
import { loggedIn, type Person, resident, type Tokens } from '../support/person.ts';

const signIn = async (gatehouse: Gatehouse, { email, password }: Person): Promise<Tokens> =>
  (await gatehouse.post('/login', { email, password })).body.data;
const list = async (gatehouse: Gatehouse, { accessToken: token }: Tokens) =>
  (await gatehouse.get('/sessions', { token })).body.data.sessions as { id: string; current: boolean }[];

test.each([
  ['idle', { SESSION_IDLE_SECONDS: '3600' }],
  ['absolute', { SESSION_ABSOLUTE_SECONDS: '3600' }],
])('a session past its %s end is not listed, not ended again and not counted', async (_, settings) => {
  const gatehouse = startGatehouse(settings);
  const ada = await resident(gatehouse);
  const old = await signIn(gatehouse, ada);
  const [{ id } = { id: '' }] = await list(gatehouse, old);
  gatehouse.clock.travel(3_000);
  const young = await signIn(gatehouse, ada);
  expect(await list(gatehouse, young)).toHaveLength(2);
  gatehouse.clock.travel(700);
  expect(await list(gatehouse, young)).toMatchObject([{ current: true }]);
  const { accessToken: token } = young;
  expect((await gatehouse.delete(`/sessions/${id}`, { token })).status).toBe(404);
  expect((await gatehouse.delete('/sessions', { token })).body.data).toEqual({ ended: 0 });
  expect((await gatehouse.post('/refresh', { refreshToken: old.refreshToken })).status).toBe(401);
});

test('a session that is over makes no room: the limit counts those that live', async () => {
  const gatehouse = startGatehouse({ SESSION_IDLE_SECONDS: '3600', SESSIONS_MAX: '2' });
  const ada = await resident(gatehouse);
  await signIn(gatehouse, ada);
  gatehouse.clock.travel(3_601);
  const [first, second] = [await signIn(gatehouse, ada), await signIn(gatehouse, ada)];
  expect(await list(gatehouse, first)).toHaveLength(2);
  expect(await list(gatehouse, second)).toHaveLength(2);
});

/** How the sessions of the person ended, oldest first, as the export says. */
async function endingsOf(gatehouse: Gatehouse, { accessToken: token }: Tokens) {
  const { sessions } = (await gatehouse.get('/me/export', { token })).body.data;
  return sessions.map(({ endedBy, endedAt }: { endedBy: string | null; endedAt: string | null }) => {
    expect(endedAt !== null).toBe(endedBy !== null);
    return endedBy;
  });
}

test('the export says what ended each session', async () => {
  const gatehouse = startGatehouse({ SESSIONS_MAX: '3' });
  const ada = await resident(gatehouse);
  const [out, stolen, revoked] = [
    await signIn(gatehouse, ada),
    await signIn(gatehouse, ada),
    await signIn(gatehouse, ada),
  ];
  await gatehouse.post('/logout', { refreshToken: out.refreshToken });
  const { refreshToken } = stolen;
  const next = (await gatehouse.post('/refresh', { refreshToken })).body.data.refreshToken;
  await gatehouse.post('/refresh', { refreshToken: next });
  expect((await gatehouse.post('/refresh', { refreshToken })).status).toBe(401);
  const mine = (await list(gatehouse, revoked)).find(({ current }) => current)?.id;
  await gatehouse.delete(`/sessions/${mine}`, { token: revoked.accessToken });
  expect(await endingsOf(gatehouse, await signIn(gatehouse, ada))).toEqual([
    'logout',
    'refresh_token_reused',
    'revoked',
    null,
  ]);

  await signIn(gatehouse, ada);
  await signIn(gatehouse, ada);
  const last = await signIn(gatehouse, ada);
  expect((await endingsOf(gatehouse, last)).slice(3)).toEqual(['too_many_sessions', null, null, null]);
  await gatehouse.delete('/sessions', { token: last.accessToken });
  expect((await endingsOf(gatehouse, last)).slice(4)).toEqual(['revoked', 'revoked', null]);
});

test('a change of the password, a change of the address and a reset each say so of the sessions they end', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const other = await signIn(gatehouse, ada);
  const newPassword = 'a brand new kettle';
  const change = { currentPassword: ada.password, newPassword };
  await gatehouse.post('/change-password', change, { token: other.accessToken });
  const current = await signIn(gatehouse, { ...ada, password: newPassword });
  const changed = { ...ada, ...current, password: newPassword };
  const email = freshAddress();
  expect((await confirmMove(gatehouse, changed, await codeToMove(gatehouse, changed, email))).status).toBe(
    200,
  );
  await expect.poll(async () => (await messagesTo(email)).length).toBe(2);
  const token = await resetTokenFor(gatehouse, { ...ada, email });
  await gatehouse.post('/reset-password', { token, newPassword: ada.password });
  const rows = await query<{ reason: string }>(
    `SELECT revoked_reason AS reason FROM user_sessions JOIN users u ON u.id = user_id
     WHERE u.email = $1 ORDER BY user_sessions.id`,
    [email],
  );
  expect(rows.map(({ reason }) => reason)).toEqual(['password_changed', 'email_changed', 'password_reset']);
});
