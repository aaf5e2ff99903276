import { expect, test } from 'vitest';
import { browser, cookiesOf, ORIGIN, signedIn, startAllowing } from '../support/browser.ts';
import { type Gatehouse, startGatehouse } from '../support/gatehouse.ts';
import { loggedIn, login, resident } from '../support/person.ts';

const NOT_ALLOWED = { status: 403, body: { code: 'origin_not_allowed' } };
const OTHER_SITE = { status: 403, body: { code: 'cross_site' } };

test('with cookies the secrets are in __Host- cookies, out of reach of scripts, and in no body', async () => {
  const gatehouse = startAllowing();
  const { answer, jar } = await signedIn(gatehouse);
  expect(Object.keys(jar).sort()).toEqual(['__Host-device', '__Host-refresh']);
  expect(jar['__Host-refresh']?.attributes).toEqual([
    'HttpOnly',
    'Max-Age=604800',
    'Path=/',
    'SameSite=Strict',
    'Secure',
  ]);
  expect(jar['__Host-device']?.attributes).toEqual([
    'HttpOnly',
    'Max-Age=15552000',
    'Path=/',
    'SameSite=Strict',
    'Secure',
  ]);
  expect(Object.keys(answer.body.data).sort()).toEqual(['accessToken', 'expiresIn', 'tokenType', 'user']);
  for (const { value } of Object.values(jar)) expect(JSON.stringify(answer.body)).not.toContain(value);

  const refreshed = await gatehouse.post('/refresh', {}, browser(jar));
  expect(refreshed.status).toBe(200);
  const next = cookiesOf(refreshed)['__Host-refresh'];
  expect(next?.value).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  expect(next?.value).not.toBe(jar['__Host-refresh']?.value);
  expect(Object.keys(refreshed.body.data).sort()).toEqual(['accessToken', 'expiresIn', 'tokenType']);
  expect((await gatehouse.get('/me', { token: refreshed.body.data.accessToken })).status).toBe(200);
});

test('the device cookie makes the device known', async () => {
  const gatehouse = startAllowing();
  const { who, jar } = await signedIn(gatehouse);
  const { email, password } = who;
  const again = await gatehouse.post('/login', { email, password }, browser(jar));
  expect(again.status).toBe(200);
  const { body } = await gatehouse.get('/me/export', { token: again.body.data.accessToken });
  expect(body.data.mails.map(({ kind }: { kind: string }) => kind)).toEqual(['verify_email']);
  expect(body.data.sessions.map(({ transport }: { transport: string }) => transport)).toEqual([
    'cookie',
    'cookie',
  ]);
});

test('beside cookies no secret is taken from the body, be it the device token', async () => {
  const gatehouse = startAllowing();
  const { who, jar } = await signedIn(gatehouse);
  const { deviceToken } = await loggedIn(gatehouse);
  const { email, password } = who;
  for (const [path, body] of [
    ['/login', { email, password, deviceToken }],
    ['/refresh', { deviceToken }],
    ['/logout', { deviceToken }],
  ] as const) {
    const { count, answer } = await gatehouse.tripsOf(() => gatehouse.post(path, body, browser(jar)));
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: 'deviceToken' }] } });
    expect(count).toBe(0);
  }
  expect((await gatehouse.post('/refresh', {}, browser(jar))).status).toBe(200);
});

test('cookies are only for an allowed origin, compared whole, and for no cross-site request', async () => {
  const gatehouse = startAllowing();
  const { who, answer, jar } = await signedIn(gatehouse);
  const { email, password } = who;
  for (const headers of [
    { Origin: 'https://evil.example' },
    { Origin: `${ORIGIN}.evil.example` },
    { Origin: `${ORIGIN}:8443` },
    { Origin: `${ORIGIN}/` },
    { Origin: 'http://app.example.com' },
    { Origin: 'https://APP.example.com' },
    { Origin: 'null' },
    { Origin: '' },
    { Origin: gatehouse.config.issuer.replace('http:', 'https:') },
    { 'Sec-Fetch-Site': 'cross-site' },
  ]) {
    for (const call of [
      () => gatehouse.post('/login', { email, password }, browser({}, headers)),
      () => gatehouse.post('/refresh', {}, browser(jar, headers)),
      () => gatehouse.post('/logout', {}, browser(jar, headers)),
    ]) {
      const { count, answer: refused } = await gatehouse.tripsOf(call);
      expect(refused).toMatchObject('Origin' in headers ? NOT_ALLOWED : OTHER_SITE);
      expect(refused.headers.getSetCookie()).toEqual([]);
      expect(count).toBe(0);
    }
  }
  expect((await gatehouse.get('/me', { token: answer.body.data.accessToken })).status).toBe(200);
});

test('without an Origin, without the header or without JSON a cookie does nothing', async () => {
  const gatehouse = startAllowing();
  const { answer, jar } = await signedIn(gatehouse);
  const {
    Origin: _origin,
    'Sec-Fetch-Site': _site,
    ...withoutOrigin
  } = browser(jar).headers as Record<string, string>;
  const { 'X-Gatehouse-Transport': _transport, ...withoutHeader } = browser(jar).headers as Record<
    string,
    string
  >;
  for (const path of ['/refresh', '/logout']) {
    // To these the rule for pages has no objection (test/http/cross-origin.test.ts); the one for cookies has.
    for (const site of [undefined, 'none', 'same-origin']) {
      const headers = { ...withoutOrigin, ...(site && { 'Sec-Fetch-Site': site }) };
      expect(await gatehouse.post(path, {}, { headers }), site).toMatchObject(NOT_ALLOWED);
    }
    expect((await gatehouse.post(path, {}, { headers: withoutHeader })).status).toBe(422);
    const form = { ...browser(jar, { 'Content-Type': 'text/plain' }), raw: '{}' };
    expect((await gatehouse.post(path, undefined, form)).status).toBe(415);
    expect((await gatehouse.post(path, { refreshToken: 'x' }, browser(jar))).status).toBe(422);
    expect((await gatehouse.post(path, {}, browser(jar, { 'X-Gatehouse-Transport': 'both' }))).status).toBe(
      422,
    );
  }
  expect((await gatehouse.get('/me', { token: answer.body.data.accessToken })).status).toBe(200);
});

test('a page that asks whether somebody is logged in is told that nobody is, without a refusal and without a trip', async () => {
  const gatehouse = startAllowing();
  const { count, answer } = await gatehouse.tripsOf(() => gatehouse.post('/refresh', {}, browser()));
  expect(answer).toMatchObject({ status: 200, body: { data: { session: null } } });
  expect(answer.body.data).toEqual({ session: null });
  expect(answer.headers.getSetCookie()).toEqual([]);
  expect(count).toBe(0);
});

test('only no cookie at all is nobody: one that is forged, empty or ended is refused, and so is a body without a token', async () => {
  const gatehouse = startAllowing();
  const { jar } = await signedIn(gatehouse);
  const REFUSED = { status: 401, body: { code: 'invalid_refresh_token' } };
  const holding = (value: string) => browser({ '__Host-refresh': { value, attributes: [] } });
  for (const value of ['x.y.z', '']) {
    const answer = await gatehouse.post('/refresh', {}, holding(value));
    expect(answer, value).toMatchObject(REFUSED);
    expect(answer.headers.getSetCookie(), value).toEqual([]);
  }
  expect((await gatehouse.post('/logout', {}, browser(jar))).status).toBe(200);
  const ended = await gatehouse.post('/refresh', {}, browser(jar));
  expect(ended).toMatchObject(REFUSED);
  // An answer that comes late must not end the cookie of a login that was made meanwhile.
  expect(ended.headers.getSetCookie()).toEqual([]);
  expect((await gatehouse.post('/refresh', {})).status).toBe(422);
});

test('a session never changes its transport, and trying ends nothing', async () => {
  const gatehouse = startAllowing();
  const { jar } = await signedIn(gatehouse);
  const ada = await loggedIn(gatehouse);
  const stolen = { refreshToken: jar['__Host-refresh']?.value };
  expect(await gatehouse.post('/refresh', stolen)).toMatchObject({
    status: 401,
    body: { code: 'invalid_refresh_token' },
  });
  const smuggled = { '__Host-refresh': { value: ada.refreshToken, attributes: [] } };
  expect((await gatehouse.post('/refresh', {}, browser(smuggled))).status).toBe(401);

  expect((await gatehouse.post('/refresh', {}, browser(jar))).status).toBe(200);
  expect((await gatehouse.post('/refresh', { refreshToken: ada.refreshToken })).status).toBe(200);
});

test('tabs that refresh at once get the same cookie', async () => {
  const gatehouse = startAllowing();
  const { jar } = await signedIn(gatehouse);
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => gatehouse.post('/refresh', {}, browser(jar))),
  );
  const values = answers.map((answer) => cookiesOf(answer)['__Host-refresh']?.value);
  expect(new Set(values).size).toBe(1);
  expect(values[0]).toBeDefined();
});

test("the issuer's own origin is always allowed, another only when it is listed, and body mode sets no cookie", async () => {
  const [unlisted, listed] = [startGatehouse(), startAllowing()];
  const ada = await resident(listed);
  const { email, password } = ada;
  const from = (gatehouse: Gatehouse, origin: string) =>
    gatehouse.post('/login', { email, password }, browser({}, { Origin: origin }));
  const own = new URL(listed.config.issuer).origin;
  expect((await from(unlisted, own)).status).toBe(200);
  expect((await from(listed, own)).status).toBe(200);
  expect((await from(listed, ORIGIN)).status).toBe(200);
  expect(await from(unlisted, ORIGIN)).toMatchObject(NOT_ALLOWED);
  expect((await login(listed, ada)).headers.getSetCookie()).toEqual([]);
});
