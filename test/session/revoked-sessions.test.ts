/** The published list of sessions that ended: every way to end one leads there, and it says nothing else. */

import { expect, test } from 'vitest';
import type { sessionEndings } from '../../src/store/states.ts';
import { verifyAccessToken } from '../../src/token/access.ts';
import { byOperator } from '../support/admin.ts';
import { browser, signedIn, startAllowing } from '../support/browser.ts';
import { clearFault, fault, query } from '../support/control-client.ts';
import { type Gatehouse, startGatehouse, startStill } from '../support/gatehouse.ts';
import { resetTokenFor } from '../support/guesses.ts';
import { move, takeBack } from '../support/move.ts';
import { loggedIn, login, type Person, type Tokens } from '../support/person.ts';
import { digestOf, listOf, nextList, sidOf } from '../support/revocations.ts';
import { guarded, loginWithCode } from '../support/totp-app.ts';

const NEW_PASSWORD = 'a brand new kettle';

/** The session that ended by what was done, and one of the same person that went on, if one does. */
type Ended = { ended: Tokens; live?: Tokens };

async function signIn(gatehouse: Gatehouse, who: Person): Promise<Tokens> {
  const { status, body } = await login(gatehouse, who);
  expect(status).toBe(200);
  return body.data;
}

async function twice(gatehouse: Gatehouse): Promise<Ended & { live: Tokens; ada: Person & Tokens }> {
  const ada = await loggedIn(gatehouse);
  return { ada, live: ada, ended: await signIn(gatehouse, ada) };
}

/** By the reason that the row keeps: one without a way does not compile. And a deletion, which leaves no row. */
const ways: Record<(typeof sessionEndings)[number] | 'deletion', (gatehouse: Gatehouse) => Promise<Ended>> = {
  async logout(gatehouse) {
    const { ended, live } = await twice(gatehouse);
    await gatehouse.post('/logout', { refreshToken: ended.refreshToken });
    return { ended, live };
  },
  async refresh_token_reused(gatehouse) {
    const { ended, live } = await twice(gatehouse);
    let { refreshToken } = ended;
    for (const _ of [1, 2])
      refreshToken = (await gatehouse.post('/refresh', { refreshToken })).body.data.refreshToken;
    expect((await gatehouse.post('/refresh', { refreshToken: ended.refreshToken })).status).toBe(401);
    return { ended, live };
  },
  async revoked(gatehouse) {
    const { ended, live } = await twice(gatehouse);
    await gatehouse.delete('/sessions', { token: live.accessToken });
    return { ended, live };
  },
  async too_many_sessions(gatehouse) {
    const ended = await loggedIn(gatehouse);
    const live = await signIn(gatehouse, ended);
    return { ended, live };
  },
  async password_changed(gatehouse) {
    const { ended, live, ada } = await twice(gatehouse);
    const change = { currentPassword: ada.password, newPassword: NEW_PASSWORD };
    await gatehouse.post('/change-password', change, { token: live.accessToken });
    return { ended, live };
  },
  async password_reset(gatehouse) {
    const ada = await loggedIn(gatehouse);
    const token = await resetTokenFor(gatehouse, ada);
    await gatehouse.post('/reset-password', { token, newPassword: NEW_PASSWORD });
    return { ended: ada };
  },
  async email_changed(gatehouse) {
    const { ended, live, ada } = await twice(gatehouse);
    await move(gatehouse, ada);
    return { ended, live };
  },
  async email_change_undone(gatehouse) {
    const ada = await loggedIn(gatehouse);
    const { changed } = await move(gatehouse, ada);
    await takeBack(gatehouse, changed);
    return { ended: ada };
  },
  async factor_removed(gatehouse) {
    const ada = await guarded(gatehouse);
    const live = (await loginWithCode(gatehouse, ada)).body.data;
    const proof = { recoveryCode: ada.recoveryCodes[0] };
    await gatehouse.call('DELETE', '/factors/totp', { proof }, { token: live.accessToken });
    return { ended: ada, live };
  },
  async replaced(gatehouse) {
    const { who, answer, jar } = await signedIn(gatehouse);
    const { body } = await gatehouse.post(
      '/login',
      { email: who.email, password: who.password },
      browser(jar),
    );
    return { ended: answer.body.data, live: body.data };
  },
  async operator(gatehouse) {
    const ended = await loggedIn(gatehouse);
    expect(await byOperator(gatehouse, 'logout', ended)).toBe('done');
    return { ended };
  },
  async account_disabled(gatehouse) {
    const ada = await loggedIn(gatehouse);
    await move(gatehouse, ada);
    const { body } = await gatehouse.call(
      'DELETE',
      '/me',
      { password: ada.password },
      { token: ada.accessToken },
    );
    expect(Date.parse(body.data.erasedAt)).toBeGreaterThan(Date.now() + 86_400_000);
    return { ended: ada };
  },
  async deletion(gatehouse) {
    const ada = await loggedIn(gatehouse);
    await gatehouse.call('DELETE', '/me', { password: ada.password }, { token: ada.accessToken });
    expect(await query('SELECT FROM user_sessions WHERE id = $1', [sidOf(ada)])).toEqual([]);
    return { ended: ada };
  },
};

test.each(Object.entries(ways))(
  'a session that ends by %s is in the list, and one that goes on is not',
  async (way, end) => {
    const gatehouse = startAllowing(way === 'too_many_sessions' ? { SESSIONS_MAX: '1' } : {});
    const { ended, live } = await end(gatehouse);
    expect((await gatehouse.get('/me', { token: ended.accessToken })).status).toBe(401);
    const { revoked } = await nextList(gatehouse);
    expect(revoked).toContain(digestOf(sidOf(ended)));
    if (live) expect(revoked).not.toContain(digestOf(sidOf(live)));
  },
);

test('ending one session by its id, and one that an operator ends past every Worker, are in it too', async () => {
  const gatehouse = startGatehouse();
  const ada = await loggedIn(gatehouse);
  const [byId, byHand] = [await signIn(gatehouse, ada), await signIn(gatehouse, ada)];
  await gatehouse.delete(`/sessions/${sidOf(byId)}`, { token: ada.accessToken });
  await query('UPDATE user_sessions SET revoked_at = now() WHERE id = $1', [sidOf(byHand)]);
  const { revoked } = await nextList(gatehouse);
  expect(revoked).toEqual(expect.arrayContaining([digestOf(sidOf(byId)), digestOf(sidOf(byHand))]));
  expect(revoked).not.toContain(digestOf(sidOf(ada)));
});

test('the list is signed as what it is, lives for 30 seconds, and passes for no access token', async () => {
  const gatehouse = startGatehouse();
  const { answer, claims } = await listOf(gatehouse);
  expect(answer.headers.get('Content-Type')).toBe('application/jwt');
  expect(Object.keys(claims).sort()).toEqual(['exp', 'iat', 'iss', 'revoked']);
  expect(Number(claims.exp) - Number(claims.iat)).toBe(30);
  expect(await verifyAccessToken(gatehouse.config, answer.body, gatehouse.clock.now())).toBeUndefined();
  expect((await gatehouse.get('/me', { token: answer.body })).status).toBe(401);
});

test('it has digests in their own order and nothing that tells whose session ended, or when', async () => {
  const gatehouse = startGatehouse();
  const { ended } = await ways.logout(gatehouse);
  const { answer, revoked } = await nextList(gatehouse);
  const bytes = revoked.map((digest) => Buffer.from(digest, 'base64url').toString('hex'));
  expect(bytes).toEqual(bytes.toSorted());
  expect(new Set(revoked).size).toBe(revoked.length);
  expect(atob(answer.body.split('.')[1].replaceAll('-', '+').replaceAll('_', '/'))).not.toContain(
    sidOf(ended),
  );
});

test('a session is in it for as long as a token of it can be alive', async () => {
  const gatehouse = startStill({ ACCESS_TOKEN_SECONDS: '300' });
  const { ended } = await ways.logout(gatehouse);
  gatehouse.clock.travel(300);
  expect((await nextList(gatehouse)).revoked).toContain(digestOf(sidOf(ended)));
  gatehouse.clock.travel(300);
  expect((await nextList(gatehouse)).revoked).not.toContain(digestOf(sidOf(ended)));
});

test('whoever asks, an isolate makes one trip in three seconds, and caches may keep the list for the rest of these', async () => {
  const gatehouse = startStill();
  const crowd = () => Promise.all(Array.from({ length: 50 }, () => listOf(gatehouse)));
  const { count, answer } = await gatehouse.tripsOf(crowd);
  expect(count).toBe(1);
  expect(new Set(answer.map(({ answer: { body } }) => body)).size).toBe(1);
  for (const { headers } of answer.map((one) => one.answer))
    expect(headers.get('Cache-Control')).toBe('public, max-age=3');
  gatehouse.clock.travel(2.5);
  const late = await gatehouse.tripsOf(() => listOf(gatehouse));
  expect(late.count).toBe(0);
  expect(late.answer.answer.headers.get('Cache-Control')).toBe('public, max-age=0');
  expect((await gatehouse.tripsOf(() => nextList(gatehouse))).count).toBe(1);
});

test('while the database is down it is refused, not repeated as if it were new, and the database is not stormed', async () => {
  const gatehouse = startStill();
  await listOf(gatehouse);
  await fault(gatehouse.name, { fail: 'refuse' });
  gatehouse.clock.travel(4);
  const ask = () => gatehouse.get('//.well-known/revoked-sessions');
  const { count, answer } = await gatehouse.tripsOf(() => Promise.all(Array.from({ length: 20 }, ask)));
  expect(count).toBe(1);
  for (const { status, headers, body } of answer) {
    expect([status, body.code]).toEqual([503, 'service_unavailable']);
    expect([headers.get('Cache-Control'), Number(headers.get('Retry-After')) > 0]).toEqual([
      'no-store',
      true,
    ]);
  }
  await clearFault(gatehouse.name);
  await nextList(gatehouse);
});
