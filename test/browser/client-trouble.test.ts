/** The client when things go wrong: clocks, networks, sleep, storage, answers that get lost. Nobody is logged out by any. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { place, useChromium, whereBrowser } from '../support/chromium.ts';
import { type ClientPage, clientOn } from '../support/client-page.ts';
import { type LossyProxy, lossyProxy } from '../support/lossy-proxy.ts';
import type { Person } from '../support/person.ts';
import { residentAt } from '../support/stack-client.ts';

const MINUTE = 60_000;

describe.skipIf(!whereBrowser)('a page with the client', () => {
  let proxy: LossyProxy;
  beforeEach(async () => {
    proxy = await lossyProxy(place.api);
  });
  // Before the browser's: what is registered first is done last, so no page is open when the proxy ends.
  afterEach(() => proxy.close());
  const { open, profile, complaining } = useChromium();

  const aPage = async (options = {}) => clientOn(await open(place.app), options);
  const logIn = (page: ClientPage, { email, password }: Person) =>
    page.run((auth, who) => auth.logIn(who), { email, password });
  const works = async (page: ClientPage) =>
    expect((await page.run((auth) => auth.account.profile())).email).toContain('@');

  test.each([-10, 10])(
    'whose clock is %i minutes off asks no more often, and is not logged out',
    async (minutes) => {
      await profile().addInitScript({
        content: `{ const now = Date.now; Date.now = () => now() + ${minutes * MINUTE}; }`,
      });
      const ada = await residentAt(place);
      const page = await aPage();
      await logIn(page, ada);
      const before = page.asked('/refresh');
      for (let call = 0; call < 3; call++) await works(page);
      expect(page.asked('/refresh')).toBe(before);
    },
  );

  test('gets the next token before the last tenth of its life is over, without being asked', async () => {
    const ada = await residentAt(place);
    const empty = await open(place.app);
    await empty.clock.install({ time: 0 });
    await empty.clock.pauseAt(1_000);
    const page = await clientOn(empty);
    await logIn(page, ada);
    const before = page.asked('/refresh');
    await empty.clock.fastForward(12.7 * MINUTE);
    expect(page.asked('/refresh')).toBe(before);
    await empty.clock.fastForward(1.6 * MINUTE);
    await expect.poll(() => page.asked('/refresh')).toBe(before + 1);
    await works(page);
  });

  test('that nobody looks at asks for nothing until somebody does', async () => {
    const ada = await residentAt(place);
    const hidden = await open(place.app);
    await hidden.clock.install({ time: 0 });
    await hidden.clock.pauseAt(1_000);
    const page = await clientOn(hidden);
    await logIn(page, ada);
    const before = page.asked('/refresh');
    await hidden.evaluate(
      'Object.defineProperty(document, "hidden", { get: () => globalThis.isHidden }); globalThis.isHidden = true;',
    );
    await hidden.clock.fastForward(20 * MINUTE);
    await hidden.evaluate('document.dispatchEvent(new Event("visibilitychange"))');
    expect(page.asked('/refresh')).toBe(before);
    await hidden.evaluate(
      'globalThis.isHidden = false; document.dispatchEvent(new Event("visibilitychange"));',
    );
    await expect.poll(() => page.asked('/refresh')).toBe(before + 1);
    await works(page);
  });

  test('after a sleep in which its clock stood still has a new token when it wakes', async () => {
    const ada = await residentAt(place);
    const page = await aPage();
    await logIn(page, ada);
    const before = page.asked('/refresh');
    const wake = 'document.dispatchEvent(new Event("visibilitychange"))';
    await page.page.evaluate(wake);
    await works(page);
    expect(page.asked('/refresh')).toBe(before);
    await page.page.evaluate(
      `{ const now = Date.now; Date.now = () => now() + ${60 * MINUTE}; ${wake}; ${wake} }`,
    );
    await expect.poll(() => page.asked('/refresh')).toBe(before + 1);
    await works(page);
  });

  test('that was frozen hears on waking that it was logged out meanwhile', async () => {
    const ada = await residentAt(place);
    const [one, frozen] = [await aPage(), await aPage()];
    await logIn(one, ada);
    await frozen.sees('signedIn');
    const devtools = await profile().newCDPSession(frozen.page);
    await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
    await one.run((auth) => auth.logOut());
    await devtools.send('Page.setWebLifecycleState', { state: 'active' });
    await frozen.sees('signedOut');
  });

  test('without a network stays logged in, says why it cannot call, and goes on when the network is back', async () => {
    const ada = await residentAt(place);
    const page = await aPage();
    await logIn(page, ada);
    await complaining(/ERR_INTERNET_DISCONNECTED/, async () => {
      await profile().setOffline(true);
      expect(await page.refused((auth) => auth.refresh())).toBe('no_answer');
      expect(await page.refused((auth) => auth.account.profile())).toBe('no_answer');
      expect(await page.refused((auth) => auth.logOut())).toBe('no_answer');
      expect(await page.run((auth) => auth.state.status)).toBe('signedIn');
      // Until it has an answer the page goes on trying, and the console goes on saying so.
      const answered = page.page.waitForResponse('**/auth/refresh');
      await profile().setOffline(false);
      await answered;
      await works(page);
    });
  });

  test('that starts without an answer does not know who is there, and learns it by itself', async () => {
    const ada = await residentAt(place);
    await logIn(await aPage(), ada);
    const page = await complaining(/503/, async () => {
      proxy.next('/refresh', 503);
      const started = await aPage({ url: proxy.url });
      // It may have learnt it before anybody looks.
      await expect.poll(() => started.seen()).toContain('unknown');
      return started;
    });
    await page.sees('signedIn');
    expect(await page.seen()).toEqual(['unknown', 'signedIn']);
  });

  test.each(['lost', 'late'] as const)(
    'whose answer is %s asks again, and is not logged out',
    async (fate) => {
      const ada = await residentAt(place);
      const page = await aPage({ url: proxy.url });
      await logIn(page, ada);
      for (let round = 0; round < 3; round++) {
        const done = proxy.done('/refresh');
        proxy.next('/refresh', fate);
        const asking = () => page.run((auth) => auth.refresh());
        const state = fate === 'late' ? await asking() : await complaining(/ERR_/, asking);
        expect(state).toMatchObject({ status: 'signedIn' });
        await expect.poll(() => proxy.done('/refresh') - done).toBe(2);
        await works(page);
        if (fate === 'late') break;
      }
      expect(await page.run((auth) => auth.account.sessions())).toHaveLength(1);
    },
  );

  test('that is told to wait keeps its token until that is over', async () => {
    const ada = await residentAt(place);
    const page = await aPage({ url: proxy.url });
    await logIn(page, ada);
    proxy.next('/refresh', 429);
    const error = await complaining(/429/, () =>
      page.run((auth) =>
        auth.refresh().catch(({ code, retryAfter }: Record<string, unknown>) => ({ code, retryAfter })),
      ),
    );
    expect(error).toEqual({ code: 'rate_limited', retryAfter: 1 });
    await works(page);
    await expect.poll(() => proxy.done('/refresh')).toBeGreaterThan(1);
    expect(await page.seen()).toEqual(['signedOut', 'signedIn']);
  });

  test('whose storage and channel are blocked works as before, only alone', async () => {
    await profile().addInitScript({
      content: `Object.defineProperty(globalThis, 'localStorage', { get() { throw new DOMException('blocked', 'SecurityError'); } });
        globalThis.BroadcastChannel = class { constructor() { throw new DOMException('blocked', 'SecurityError'); } };`,
    });
    const ada = await residentAt(place);
    const [page, other] = [await aPage(), await aPage()];
    await other.sees('signedOut');
    await logIn(page, ada);
    await works(page);
    expect(await other.run((auth) => auth.state.status)).toBe('signedOut');
    expect((await other.run((auth) => auth.refresh())).status).toBe('signedIn');
    await page.run((auth) =>
      auth.signUp({ name: 'Bob', email: `bob.${Date.now()}@example.com`, password: 'a quiet brass kettle' }),
    );
    expect(await complaining(/400/, () => page.refused((auth) => auth.verify({ code: '000000' })))).toBe(
      'invalid_code',
    );
    await page.run((auth) => auth.logOut());
  });

  test('with a store keeps tokens there over a reload, and on while the store fails', async () => {
    const ada = await residentAt(place);
    const withStore = async () => {
      const page = await open(place.app);
      await page.evaluate(`import('/client.js').then(({ createGatehouse }) => {
        globalThis.broken = false;
        const store = {
          read: () => localStorage.getItem('tokens'),
          write(text) { if (broken) throw new Error('full'); localStorage.setItem('tokens', text); },
        };
        globalThis.auth = createGatehouse({ url: '${place.api}', store });
      })`);
      return (script: string) => page.evaluate(`(async () => ${script})()`);
    };
    const first = await withStore();
    await first(`auth.logIn(${JSON.stringify({ email: ada.email, password: ada.password })})`);
    expect(await first('Object.keys(JSON.parse(localStorage.getItem("tokens"))).sort()')).toEqual([
      'deviceToken',
      'refreshToken',
    ]);
    const second = await withStore();
    expect(await second('auth.ready()')).toMatchObject({ status: 'signedIn' });
    await second(
      '{ broken = true; await auth.refresh(); await auth.refresh(); await auth.account.profile(); }',
    );
    await second('{ broken = false; await auth.refresh(); await auth.logOut(); }');
    expect(await second('Object.keys(JSON.parse(localStorage.getItem("tokens")))')).toEqual(['deviceToken']);
    await second(`auth.logIn(${JSON.stringify({ email: ada.email, password: ada.password })})`);
    const { mails } = (await second('auth.account.export()')) as { mails: { kind: string }[] };
    expect(mails.map(({ kind }) => kind)).toEqual(['verify_email']);
  });
});
