import { expect, test } from 'vitest';
import { browser, cookiesOf, keptAfter, signedIn, startAllowing } from '../support/browser.ts';
import { type Answer, freshClient, type Gatehouse, startStill } from '../support/gatehouse.ts';
import { LOCKED, tryLogin } from '../support/guesses.ts';
import { endsOf, eventsOf, mailsOwedTo } from '../support/history.ts';
import { messagesTo } from '../support/mailbox.ts';
import { loggedIn, login } from '../support/person.ts';
import { bodyClient, cookieClient } from '../support/refresher.ts';

const ALARM = 'We ended one of your Gatehouse sessions';
const subjectsTo = async (email: string) => (await messagesTo(email)).map(({ subject }) => subject);

const ENDED = {
  value: '',
  attributes: ['HttpOnly', 'Max-Age=0', 'Path=/', 'SameSite=Strict', 'Secure'],
};

/** The mails owed to whoever has just logged in. */
async function mailsOf(gatehouse: Gatehouse, { body }: Answer): Promise<string[]> {
  const answer = await gatehouse.get('/me/export', { token: body.data.accessToken });
  return answer.body.data.mails.map(({ kind }: { kind: string }) => kind).sort();
}

test('a logout ends that session at once, and no other', async () => {
  const gatehouse = startStill();
  const ada = await loggedIn(gatehouse);
  const other = (await login(gatehouse, ada)).body.data;

  const out = await gatehouse.post('/logout', { refreshToken: ada.refreshToken });
  expect(out.status).toBe(200);
  expect(out.headers.getSetCookie()).toEqual([]);

  expect((await gatehouse.get('/me', { token: ada.accessToken })).body.code).toBe('invalid_token');
  expect((await gatehouse.post('/refresh', { refreshToken: ada.refreshToken })).status).toBe(401);
  expect((await gatehouse.get('/me', { token: other.accessToken })).status).toBe(200);
});

test('a logout can be repeated, needs no access token, and says the same to a token it does not know', async () => {
  const gatehouse = startStill();
  const { refreshToken } = await loggedIn(gatehouse);
  gatehouse.clock.travel(3_600);
  const answers = [refreshToken, refreshToken, 'unknown'].map((token) =>
    gatehouse.post('/logout', { refreshToken: token }),
  );
  for (const { status, body } of await Promise.all(answers)) {
    expect({ status, body }).toEqual({
      status: 200,
      body: { status: 200, message: 'Logged out.', data: null },
    });
  }
});

test('a logout that races refreshes leaves the session ended', async () => {
  const gatehouse = startStill();
  const { refreshToken, accessToken } = await loggedIn(gatehouse);
  await Promise.all([
    ...Array.from({ length: 10 }, () => gatehouse.post('/refresh', { refreshToken })),
    gatehouse.post('/logout', { refreshToken }),
  ]);
  expect((await gatehouse.get('/me', { token: accessToken })).status).toBe(401);
  expect((await gatehouse.post('/refresh', { refreshToken })).status).toBe(401);
});

test('a logout ends the session and its cookie, and nothing else of the browser', async () => {
  const gatehouse = startAllowing();
  const { answer, jar } = await signedIn(gatehouse);
  const out = await gatehouse.post('/logout', {}, browser(jar));
  expect(out.status).toBe(200);
  expect(out.headers.get('Clear-Site-Data')).toBeNull();
  expect(cookiesOf(out)).toEqual({ '__Host-refresh': ENDED });
  expect((await gatehouse.get('/me', { token: answer.body.data.accessToken })).status).toBe(401);
  expect((await gatehouse.post('/refresh', {}, browser(jar))).status).toBe(401);
  expect((await gatehouse.post('/logout', {}, browser())).status).toBe(200);
});

test('after a logout the device is still known: strangers do not hold up its owner, and no mail calls it new', async () => {
  const gatehouse = startAllowing();
  const { who, jar } = await signedIn(gatehouse);
  const kept = keptAfter(await gatehouse.post('/logout', {}, browser(jar)), jar);
  // From the owner's own network: there, they lock whoever has no known device.
  const client = freshClient();
  for (let time = 0; time < 6; time++) await tryLogin(gatehouse, who, 'a wrong password', { client });
  expect(await tryLogin(gatehouse, who, who.password, { client })).toMatchObject(LOCKED);
  const { email, password } = who;
  const again = await gatehouse.post(
    '/login',
    { email, password },
    browser(kept, { 'CF-Connecting-IP': client }),
  );
  expect(again.status).toBe(200);
  expect(await mailsOf(gatehouse, again)).toEqual(['verify_email']);
});

test('a logout that is to forget the device ends its cookie too, and the next login is one from a new device', async () => {
  const gatehouse = startAllowing();
  const { who, jar } = await signedIn(gatehouse);
  const out = await gatehouse.post('/logout', { forgetDevice: true }, browser(jar));
  expect(cookiesOf(out)).toEqual({ '__Host-refresh': ENDED, '__Host-device': ENDED });
  const { email, password } = who;
  const again = await gatehouse.post('/login', { email, password }, browser(keptAfter(out, jar)));
  expect(await mailsOf(gatehouse, again)).toEqual(['new_device', 'verify_email']);
  expect((await gatehouse.post('/logout', { forgetDevice: 'yes' }, browser(jar))).status).toBe(422);
});

test('a second logout changes nothing and writes nothing', async () => {
  const gatehouse = startStill();
  const { refreshToken, email } = await loggedIn(gatehouse);
  for (let time = 0; time < 3; time++) await gatehouse.post('/logout', { refreshToken });
  expect(await eventsOf(email, 'logout')).toEqual(['logout']);
  expect(await endsOf(email)).toEqual(['logout']);
});

test('an ancestor at logout ends the session as stolen: with the event, and a mail to the owner', async () => {
  const gatehouse = startStill();
  const owner = await bodyClient(gatehouse);
  const second = { ...owner.held, refreshToken: owner.given(await owner.show()) };
  gatehouse.clock.travel(11);
  await owner.show(second);
  expect((await gatehouse.post('/logout', owner.held)).status).toBe(200);
  expect(await endsOf(owner.who.email)).toEqual(['refresh_token_reused']);
  expect(await eventsOf(owner.who.email, '%')).toEqual(
    expect.arrayContaining(['login.success', 'token.reuse_detected']),
  );
  expect(await eventsOf(owner.who.email, 'logout')).toEqual([]);
  expect(await mailsOwedTo(owner.who.email, 'refresh_token_reused')).toBe(1);
  await expect.poll(() => subjectsTo(owner.who.email)).toContain(ALARM);
});

test.each([0, 3_600])(
  'the token that was exchanged, on its own device %i s later, is a plain logout',
  async (seconds) => {
    const gatehouse = startAllowing();
    const page = await cookieClient(gatehouse);
    await page.show();
    gatehouse.clock.travel(seconds);
    const cookie = (value = '') => ({ value, attributes: [] });
    const jar = {
      '__Host-refresh': cookie(page.held.refreshToken),
      '__Host-device': cookie(page.held.deviceToken),
    };
    expect((await gatehouse.post('/logout', {}, browser(jar))).status).toBe(200);
    expect(await endsOf(page.who.email)).toEqual(['logout']);
    expect(await eventsOf(page.who.email, 'token.%')).toEqual([]);
  },
);

test.each([
  [9, 'logout'],
  [11, 'refresh_token_reused'],
])('the token that was exchanged, without its device %i s later: %s', async (seconds, end) => {
  const gatehouse = startStill();
  const owner = await bodyClient(gatehouse);
  const { refreshToken } = owner.held;
  await owner.show({ refreshToken });
  gatehouse.clock.travel(seconds - 1);
  await gatehouse.post('/logout', { refreshToken });
  expect(await endsOf(owner.who.email)).toEqual([end]);
});
