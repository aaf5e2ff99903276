/** The Workers of examples/, each started by its one command, in front of the local stack: real Workers over a network. */
import { afterEach, describe, expect, test } from 'vitest';
import { place, useChromium, whereBrowser } from '../support/chromium.ts';
import { type Command, freePorts, startCommand } from '../support/command.ts';
import { post, residentAt } from '../support/stack-client.ts';

describe.skipIf(!whereBrowser)('examples that are Workers', () => {
  let example: Command | undefined;
  // Before the browser's: what is registered first is done last, so no page is open when its server ends.
  afterEach(() => example?.stop());
  const { open } = useChromium();

  async function start(name: string, env: Record<string, string> = {}): Promise<string> {
    const [port = 0] = await freePorts(1);
    example = startCommand(`examples/${name}`, ['npm', 'start'], {
      PORT: String(port),
      AUTH_URL: place.api,
      ...env,
    });
    await example.untilSaid('The example is at');
    return `http://localhost:${port}`;
  }

  test('a protected Worker takes a token, and refuses it once its session has ended', async () => {
    const service = await start('protected-worker');
    const ask = async (token: string) =>
      (await fetch(`${service}/orders/mine`, { headers: { Authorization: `Bearer ${token}` } })).status;
    const { email, password } = await residentAt(place);
    const [first, second] = [
      await post(place, '/login', { email, password }),
      await post(place, '/login', { email, password }),
    ];
    const { accessToken = '', refreshToken } = first;
    expect([await ask(accessToken), await ask(second.accessToken ?? ''), await ask('x')]).toEqual([
      200, 200, 401,
    ]);
    await post(place, '/logout', { refreshToken });
    await expect.poll(() => ask(accessToken), { interval: 250 }).toBe(401);
    expect(await ask(second.accessToken ?? '')).toBe(200);
  });

  test('an app made on a server: log in, stay logged in, and Gatehouse sees the person', async () => {
    const app = await start('server-rendered', { BACKEND_KEY: place.backendKey });
    const { name, email, password } = await residentAt(place);
    const page = await open(app);
    await page.setExtraHTTPHeaders({ 'CF-Connecting-IP': '203.0.113.9' });
    const logIn = async (typed: string) => {
      await page.fill('[name=email]', email);
      await page.fill('[name=password]', typed);
      await page.getByRole('button', { name: 'Log in' }).click();
    };
    await logIn(password);
    await page.getByRole('heading', { name: `Hello, ${name}` }).waitFor();
    await page.getByRole('listitem').waitFor();
    const cookies = await page.context().cookies();
    expect(cookies.map((cookie) => [cookie.name, cookie.httpOnly, cookie.secure]).sort()).toEqual([
      ['__Host-device', true, true],
      ['__Host-session', true, true],
    ]);
    const session = cookies.find((cookie) => cookie.name === '__Host-session');
    if (session === undefined) throw new Error('there is a session');
    const tokens = JSON.parse(decodeURIComponent(session.value));
    const held = await fetch(`${place.api}/api/v1/auth/me/export`, {
      headers: { Authorization: `Bearer ${tokens.accessToken}` },
    });
    expect(await held.text()).toContain('203.0.113.9');

    // Past the life of the access token: one refresh for the page, which makes two calls.
    const aged = encodeURIComponent(JSON.stringify({ ...tokens, expiresAt: 0 }));
    await page.context().addCookies([{ ...session, value: aged }]);
    await page.reload();
    await page.getByRole('heading', { name: `Hello, ${name}` }).waitFor();
    const [refreshed] = (await page.context().cookies()).filter((cookie) => cookie.name === '__Host-session');
    expect(JSON.parse(decodeURIComponent(refreshed?.value ?? '')).refreshToken).not.toBe(tokens.refreshToken);

    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('button', { name: 'Log in' }).waitFor();
    expect((await page.context().cookies()).map((cookie) => cookie.name)).toEqual(['__Host-device']);
  });
});
