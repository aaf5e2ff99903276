/** The client in several tabs of one browser: nobody is logged out wrongly, and what one tab does the others know. */
import { describe, expect, test } from 'vitest';
import { place, useChromium, whereBrowser } from '../support/chromium.ts';
import { type ClientPage, clientOn } from '../support/client-page.ts';
import type { Person } from '../support/person.ts';
import { post, residentAt } from '../support/stack-client.ts';

const TABS = 5;
/** Refreshes of all tabs together; RACING_REFRESHES=1000 for the long run. */
const REFRESHES = Number(process.env.RACING_REFRESHES ?? 100);

describe.skipIf(!whereBrowser)('tabs with the client', () => {
  const { open, complaining } = useChromium();
  const aTab = async (options = {}) => clientOn(await open(place.app), options);
  const tabs = (count: number) => Promise.all(Array.from({ length: count }, () => aTab()));
  const logIn = (tab: ClientPage, { email, password }: Person) =>
    tab.run((auth, who) => auth.logIn(who), { email, password });

  test(`${TABS} of them refresh at once, ${REFRESHES} times in all, and each is logged in all the while`, async () => {
    const ada = await residentAt(place);
    const all = await tabs(TABS);
    for (const tab of all) await tab.sees('signedOut');
    await logIn(all[0] as ClientPage, ada);
    for (const tab of all) await tab.sees('signedIn');
    const asked = () => all.reduce((sum, tab) => sum + tab.asked('/refresh'), 0);
    const before = asked();
    for (let round = 0; round < REFRESHES / TABS; round++) {
      const states = await Promise.all(all.map((tab) => tab.run((auth) => auth.refresh())));
      expect(states.map(({ status }) => status)).toEqual(Array(TABS).fill('signedIn'));
    }
    expect(asked() - before).toBe(REFRESHES);
    for (const tab of all) {
      expect(await tab.seen()).toEqual(['signedOut', 'signedIn']);
      expect((await tab.run((auth) => auth.account.profile())).email).toBe(ada.email);
    }
    expect(await all[0]?.run((auth) => auth.account.sessions())).toHaveLength(1);
  });

  test('whatever one page asks for at once, it asks the service for one token', async () => {
    const ada = await residentAt(place);
    const [first, page] = (await tabs(2)) as [ClientPage, ClientPage];
    await page.sees('signedOut');
    await logIn(first, ada);
    await page.sees('signedIn');
    const before = page.asked('/refresh');
    const all = page.run((auth) => Promise.all(Array.from({ length: 20 }, () => auth.refresh())));
    expect(new Set((await all).map(({ sessionId }: { sessionId: string }) => sessionId)).size).toBe(1);
    expect(page.asked('/refresh') - before).toBe(1);
  });

  test('a login in one is a login in all, and a logout a logout, without a refusal', async () => {
    const ada = await residentAt(place);
    const [one, other] = (await tabs(2)) as [ClientPage, ClientPage];
    await other.sees('signedOut');
    await logIn(one, ada);
    await other.sees('signedIn');
    const before = other.asked('/refresh');
    await one.run((auth) => auth.logOut());
    await other.sees('signedOut');
    expect(await other.run((auth) => auth.state)).toEqual({ status: 'signedOut', ended: true });
    expect(other.asked('/refresh')).toBe(before);
  });

  test('another person who logs in in one is who all of them are', async () => {
    const [ada, bob] = [await residentAt(place), await residentAt(place)];
    const [one, other] = (await tabs(2)) as [ClientPage, ClientPage];
    await logIn(one, ada);
    await other.sees('signedIn');
    await logIn(one, bob);
    const userId = await one.run((auth) => auth.state.userId);
    await expect.poll(() => other.run((auth) => auth.state.userId)).toBe(userId);
    expect((await other.run((auth) => auth.account.profile())).email).toBe(bob.email);
  });

  test('a logout everywhere ends the sessions of other devices, too', async () => {
    const ada = await residentAt(place);
    const { refreshToken } = await post(place, '/login', { email: ada.email, password: ada.password });
    const tab = await aTab();
    await logIn(tab, ada);
    await tab.run((auth) => auth.logOutEverywhere());
    await tab.sees('signedOut');
    await expect(post(place, '/refresh', { refreshToken })).rejects.toThrow('invalid_refresh_token');
  });

  test('a session that was ended elsewhere is over at the next call, once', async () => {
    const ada = await residentAt(place);
    const tab = await aTab();
    await logIn(tab, ada);
    const { accessToken } = await post(place, '/login', { email: ada.email, password: ada.password });
    await fetch(`${place.api}/api/v1/auth/sessions`, {
      method: 'DELETE',
      headers: { Authorization: `Bearer ${accessToken}` },
    });
    const code = await complaining(/401/, () => tab.refused((auth) => auth.account.profile()));
    expect(code).toBe('signed_out');
    expect(await tab.run((auth) => auth.state)).toEqual({ status: 'signedOut', ended: true });
    expect(await tab.refused((auth) => auth.account.profile())).toBe('signed_out');
  });

  test('a component that is mounted twice leaves nothing of its first life behind', async () => {
    const ada = await residentAt(place);
    const tab = await aTab();
    await logIn(tab, ada);
    const before = tab.asked('/refresh');
    const told = await tab.page.evaluate(`(async () => {
      const told = [];
      const mount = () => {
        const own = createGatehouse({ url: '${place.api}' });
        own.onChange(({ status }) => told.push(status));
        return own;
      };
      mount().dispose();
      const second = mount();
      await second.ready();
      await new Promise(requestAnimationFrame);
      const disposed = await second.account.profile().then(() => second.dispose()).then(() => second.ready()).catch(String);
      return [...told, disposed];
    })()`);
    expect(told).toEqual(['signedIn', 'Error: This client was disposed.']);
    expect(tab.asked('/refresh') - before).toBeLessThanOrEqual(2);
    expect((await tab.run((auth) => auth.ready())).status).toBe('signedIn');
  });
});
