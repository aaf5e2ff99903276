/** Two logins in one browser: the cookie of the second takes the place of the first, whose session then ends. */
import { expect, test } from 'vitest';
import { encodeRefreshToken, newSessionSecret } from '../../src/token/refresh-token.ts';
import { browser, type Cookie, cookiesOf, signedIn, startAllowing } from '../support/browser.ts';
import { query } from '../support/control-client.ts';
import type { Answer, Gatehouse } from '../support/gatehouse.ts';
import { endsOf, eventsOf, mailsOwedTo } from '../support/history.ts';
import { hold, inThisOrder } from '../support/hold.ts';
import { messagesTo } from '../support/mailbox.ts';
import { login, type Person, resident } from '../support/person.ts';

type Jar = Record<string, Cookie>;

const signIn = (gatehouse: Gatehouse, { email, password }: Person, jar: Jar): Promise<Answer> =>
  gatehouse.post('/login', { email, password }, browser(jar));

const isAlive = async (gatehouse: Gatehouse, { body }: Answer) =>
  (await gatehouse.get('/me', { token: body.data.accessToken })).status === 200;

test('a second login with cookies ends the session that it replaces, and no other', async () => {
  const gatehouse = startAllowing();
  const { who, answer, jar } = await signedIn(gatehouse);
  const elsewhere = await login(gatehouse, who);
  const second = await signIn(gatehouse, who, jar);
  expect(second.status).toBe(200);
  expect(await isAlive(gatehouse, answer)).toBe(false);
  expect([await isAlive(gatehouse, elsewhere), await isAlive(gatehouse, second)]).toEqual([true, true]);
  expect(await endsOf(who.email)).toEqual(['replaced', null, null]);
  expect(await eventsOf(who.email, 'session.%')).toEqual(['session.replaced']);
  expect(await mailsOwedTo(who.email, 'refresh_token_reused')).toBe(0);
});

test("a login as somebody else ends it too: the browser's cookie is gone", async () => {
  const gatehouse = startAllowing();
  const { who, answer, jar } = await signedIn(gatehouse);
  const bob = await resident(gatehouse, 'bob');
  const second = await signIn(gatehouse, bob, jar);
  expect(await isAlive(gatehouse, answer)).toBe(false);
  expect(await isAlive(gatehouse, second)).toBe(true);
  expect(await endsOf(who.email)).toEqual(['replaced']);
  expect(await eventsOf(who.email, 'session.%')).toEqual(['session.replaced']);
  expect(await eventsOf(bob.email, 'session.%')).toEqual([]);
});

test('a login that fails replaces nothing', async () => {
  const gatehouse = startAllowing();
  const { who, answer, jar } = await signedIn(gatehouse);
  expect((await signIn(gatehouse, { ...who, password: 'not the password' }, jar)).status).toBe(401);
  expect(await isAlive(gatehouse, answer)).toBe(true);
});

test('a login whose password is changed between its two trips replaces nothing', async () => {
  const gatehouse = startAllowing();
  const { answer, jar } = await signedIn(gatehouse);
  const bob = await resident(gatehouse, 'bob');
  const [, refused] = await inThisOrder<unknown>(gatehouse, bob.email, [
    {
      send: () => query('UPDATE users SET password_changed_at = now() WHERE email = $1', [bob.email]),
      trips: 0,
    },
    { send: () => signIn(gatehouse, bob, jar), trips: 2 },
  ]);
  expect(refused).toMatchObject({ status: 401 });
  expect(await isAlive(gatehouse, answer)).toBe(true);
});

test('an older token in the cookie was stolen: its session ends as such, and the owner is mailed', async () => {
  const gatehouse = startAllowing();
  const { who, jar } = await signedIn(gatehouse);
  let held = jar;
  for (let turn = 0; turn < 2; turn++) {
    const { '__Host-refresh': next } = cookiesOf(await gatehouse.post('/refresh', {}, browser(held)));
    held = { ...held, ...(next && { '__Host-refresh': next }) };
    gatehouse.clock.travel(11);
  }
  expect((await signIn(gatehouse, who, jar)).status).toBe(200);
  expect(await endsOf(who.email)).toEqual(['refresh_token_reused', null]);
  expect(await eventsOf(who.email, 'token.%')).toEqual(['token.reuse_detected']);
  expect(await mailsOwedTo(who.email, 'refresh_token_reused')).toBe(1);
  await expect
    .poll(async () => (await messagesTo(who.email)).map(({ subject }) => subject))
    .toContain('We ended one of your Gatehouse sessions');
});

test('a cookie whose exchange was answered in vain is no theft: the browser shows its device', async () => {
  const gatehouse = startAllowing();
  const { who, jar } = await signedIn(gatehouse);
  expect((await gatehouse.post('/refresh', {}, browser(jar))).status).toBe(200);
  gatehouse.clock.travel(60);
  expect((await signIn(gatehouse, who, jar)).status).toBe(200);
  expect(await endsOf(who.email)).toEqual(['replaced', null]);
  expect(await mailsOwedTo(who.email, 'refresh_token_reused')).toBe(0);
});

test('a cookie with another secret, a body token in it, and none at all end nothing', async () => {
  const gatehouse = startAllowing();
  const { who, answer, jar } = await signedIn(gatehouse);
  const inBody = await login(gatehouse, who);
  const { sid } = JSON.parse(atob((jar['__Host-refresh']?.value ?? '').split('.')[1] ?? ''));
  const forged = await encodeRefreshToken(gatehouse.config.refreshTokenSecrets, {
    sessionId: sid,
    generation: 0,
    secret: newSessionSecret(),
    expiresAt: new Date(Date.now() + 86_400_000),
  });
  for (const value of [forged, inBody.body.data.refreshToken, 'x', '']) {
    const held = { ...jar, '__Host-refresh': { value, attributes: [] } };
    expect((await signIn(gatehouse, who, held)).status).toBe(200);
  }
  expect([await isAlive(gatehouse, answer), await isAlive(gatehouse, inBody)]).toEqual([true, true]);
  expect(await eventsOf(who.email, 'session.%')).toEqual([]);
});

test('the session that is replaced makes room: no other is displaced for it', async () => {
  const gatehouse = startAllowing({ SESSIONS_MAX: '2' });
  const who = await resident(gatehouse);
  const elsewhere = await login(gatehouse, who);
  const jar = cookiesOf(await signIn(gatehouse, who, {}));
  await signIn(gatehouse, who, jar);
  expect(await isAlive(gatehouse, elsewhere)).toBe(true);
  expect(await endsOf(who.email)).toEqual([null, 'replaced', null]);
});

test('two people whose logins replace each other at once both come in, and nobody waits in a circle', async () => {
  const gatehouse = startAllowing({ SESSIONS_MAX: '1', PASSWORD_HASH_WAITING: '20' });
  for (let round = 0; round < 2; round++) {
    const [one, other] = [await signedIn(gatehouse), await signedIn(gatehouse)];
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, index) =>
        index % 2 ? signIn(gatehouse, one.who, other.jar) : signIn(gatehouse, other.who, one.jar),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    for (const { who } of [one, other])
      expect((await endsOf(who.email)).filter((reason) => reason === null)).toHaveLength(1);
  }
});

test('who waits for the other person holds up nobody meanwhile: both are locked in the order of their ids', async () => {
  const gatehouse = startAllowing();
  const [low, high] = [await signedIn(gatehouse), await signedIn(gatehouse)].sort((one, other) =>
    one.answer.body.data.user.id < other.answer.body.data.user.id ? -1 : 1,
  );
  if (!low || !high) throw new Error('two people');
  const held = await hold('SELECT id FROM users WHERE email = $1 FOR NO KEY UPDATE', [low.who.email]);
  const replacing = signIn(gatehouse, high.who, low.jar);
  await held.waitedForBy(1);
  expect((await login(gatehouse, high.who)).status).toBe(200);
  await held.letGo();
  expect((await replacing).status).toBe(200);
  expect(await isAlive(gatehouse, low.answer)).toBe(false);
});
