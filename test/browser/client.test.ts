/** The client (packages/client) in a real browser, on the real stack: what a person does. */
import { beforeEach, describe, expect, test } from 'vitest';
import { place, useChromium, whereBrowser } from '../support/chromium.ts';
import { type ClientPage, clientOn } from '../support/client-page.ts';
import { type Person, person } from '../support/person.ts';
import { codeIn, linkTo, mailTo, post, residentAt } from '../support/stack-client.ts';

describe.skipIf(!whereBrowser)('a page with the client', () => {
  const { open, profile, complaining } = useChromium();
  const aPage = async (path = '', options = {}) => clientOn(await open(place.app + path), options);
  let page: ClientPage;
  beforeEach(async () => {
    page = await aPage();
  });

  test('on a first visit asks once, is told that nobody is logged in, and has nothing red on its console', async () => {
    await page.sees('signedOut');
    expect(await page.run((auth) => auth.state)).toEqual({ status: 'signedOut', ended: false });
    expect(page.asked('/refresh')).toBe(1);
  });

  test('signs up, proves the address by code, logs in, stays so over a reload, and logs out', async () => {
    const ada = person();
    const { id } = await page.run((auth, who) => auth.signUp(who), ada);
    const reloaded = await aPage();
    await reloaded.run((auth, code) => auth.verify({ code }), codeIn(await mailTo(place, ada.email)));
    const user = await page.run((auth, who) => auth.logIn(who), credentials(ada));
    expect(user).toMatchObject({ id, name: ada.name, email: ada.email });
    expect(await page.run((auth) => auth.state)).toMatchObject({ status: 'signedIn', userId: id });
    expect(await page.page.evaluate('document.cookie + JSON.stringify({ ...localStorage })')).toBe('{}');

    const again = await aPage();
    await again.sees('signedIn');
    expect(await again.run((auth) => auth.account.profile())).toEqual(user);
    const me = `${place.api}/api/v1/auth/me`;
    expect(
      await again.run((auth, url) => auth.fetch(url).then((answer: Response) => answer.status), me),
    ).toBe(200);

    await again.run((auth) => auth.logOut());
    expect(await again.run((auth) => auth.state)).toEqual({ status: 'signedOut', ended: false });
    const later = await aPage();
    expect((await later.run((auth) => auth.ready())).status).toBe('signedOut');
    expect((await profile().cookies()).map(({ name }) => name)).toEqual(['__Host-device']);
  });

  test('proves the address by the mailed link in another tab, whose address bar then has no token', async () => {
    const ada = person();
    await page.run((auth, who) => auth.signUp(who), ada);
    const [, fragment] = (await linkTo(place, ada.email, '/verify-email')).split('#');
    const linked = await aPage(`/verify-email?from=mail#${fragment}`);
    await linked.page.evaluate('auth.verify({ token: linkToken() })');
    await expect.poll(() => linked.page.url()).toBe(`${place.app}/verify-email?from=mail`);
    expect(await linked.page.evaluate('linkToken()')).toBeUndefined();
    expect((await page.run((auth, who) => auth.logIn(who), credentials(ada))).email).toBe(ada.email);
  });

  test('goes on with a sign-up of elsewhere: its right password says which it is', async () => {
    const ada = person();
    await post(place, '/signup', ada);
    // A code that is replaced before it was mailed is not mailed.
    await mailTo(place, ada.email);
    expect(await page.refused((auth) => auth.verify({ code: '000000' }))).toBe('sign_up_unknown');
    const code = await complaining(/403/, () =>
      page.refused((auth, who) => auth.logIn(who), credentials(ada)),
    );
    expect(code).toBe('email_not_verified');
    await page.run((auth) => auth.resend());
    await page.run((auth, given) => auth.verify({ code: given }), codeIn(await mailTo(place, ada.email, 2)));
    await page.run((auth, who) => auth.logIn(who), credentials(ada));
    expect(await page.refused((auth) => auth.resend())).toBe('sign_up_unknown');
  });

  test('is refused by code, with the fields that are wrong and the seconds to wait', async () => {
    const weak = { name: 'Ada', email: 'no address', password: 'password' };
    const error = await complaining(/422/, () =>
      page.run(
        (auth, who) => auth.signUp(who).catch(({ name, ...rest }: Error) => ({ name, ...rest })),
        weak,
      ),
    );
    expect(error).toMatchObject({ name: 'GatehouseError', code: 'validation_failed', status: 422 });
    expect(error).toMatchObject({ errors: [{ path: 'email' }], requestId: expect.any(String) });
    const wrong = { ...credentials(person()), password: 'not the password' };
    expect(await complaining(/401/, () => page.refused((auth, who) => auth.logIn(who), wrong))).toBe(
      'invalid_credentials',
    );
    expect(await page.refused((auth) => auth.account.profile())).toBe('signed_out');
  });

  test('manages the account: name, sessions, history, password, export, deletion', async () => {
    const ada = await residentAt(place);
    await page.run((auth, who) => auth.logIn(who), credentials(ada));
    const { refreshToken } = await post(place, '/login', credentials(ada));
    expect((await page.run((auth) => auth.account.rename({ name: 'Ada L.' }))).name).toBe('Ada L.');
    const sessions = await page.run((auth) => auth.account.sessions());
    expect(sessions.map(({ current }: { current: boolean }) => current).sort()).toEqual([false, true]);
    const other = sessions.find(({ current }: { current: boolean }) => !current);
    await page.run((auth, id) => auth.account.endSession(id), other.id);
    await expect(post(place, '/refresh', { refreshToken })).rejects.toThrow('invalid_refresh_token');
    const { events, nextCursor } = await page.run((auth) => auth.account.history({ limit: 1 }));
    expect(events[0].kind).toBe('session.revoked');
    expect(
      (await page.run((auth, cursor) => auth.account.history({ cursor }), nextCursor)).events,
    ).not.toEqual([]);

    await post(place, '/login', credentials(ada));
    const newPassword = 'a kettle that whistles at dawn';
    await page.run((auth, given) => auth.account.changePassword(given), {
      currentPassword: ada.password,
      newPassword,
    });
    expect(await page.run((auth) => auth.account.sessions())).toHaveLength(1);
    expect(await page.run((auth) => auth.account.endOtherSessions())).toBe(0);
    expect((await page.run((auth) => auth.account.export())).account.name).toBe('Ada L.');
    const wrong = await complaining(/403/, () =>
      page.refused((auth) => auth.account.delete({ password: 'no' })),
    );
    expect(wrong).toBe('wrong_password');
    expect(await page.run((auth) => auth.state.status)).toBe('signedIn');
    const gone = await page.run((auth, password) => auth.account.delete({ password }), newPassword);
    expect(gone.erasedAt).toMatch(/Z$/);
    expect(await page.run((auth) => auth.state.status)).toBe('signedOut');
    expect((await profile().cookies()).map(({ name }) => name)).not.toContain('__Host-refresh');
  });

  test('changes the address, and undoes it by the link in the old mailbox', async () => {
    const ada = await residentAt(place);
    await page.run((auth, who) => auth.logIn(who), credentials(ada));
    const newEmail = person('moved').email;
    await page.run((auth, given) => auth.account.changeEmail(given), {
      newEmail,
      currentPassword: ada.password,
    });
    const code = codeIn(await mailTo(place, newEmail));
    await page.run((auth, given) => auth.account.confirmEmail({ code: given }), code);
    expect((await page.run((auth) => auth.account.profile())).email).toBe(newEmail);
    const link = await linkTo(place, ada.email, '/cancel-email-change');
    const token = new URLSearchParams(link.split('#')[1]).get('token');
    expect(await page.run((auth, given) => auth.account.takeBackEmail({ token: given }), token)).toBe(
      'undone',
    );
    expect(await complaining(/401/, () => page.refused((auth) => auth.account.profile()))).toBe('signed_out');
    expect(await page.run((auth) => auth.state)).toEqual({ status: 'signedOut', ended: true });
  });

  test('resets a forgotten password by the mailed link', async () => {
    const ada = await residentAt(place);
    await page.run((auth, email) => auth.forgotPassword({ email }), ada.email);
    const [, fragment] = (await linkTo(place, ada.email, '/reset-password')).split('#');
    const linked = await aPage(`/reset-password#${fragment}`);
    const newPassword = 'a kettle that was not forgotten';
    await linked.page.evaluate(`auth.resetPassword({ token: linkToken(), newPassword: '${newPassword}' })`);
    await linked.run((auth, who) => auth.logIn(who), { email: ada.email, password: newPassword });
  });

  test('shows its token to the APIs that were named and to no other, and asks once for another when it is refused', async () => {
    const ada = await residentAt(place);
    const shown: string[] = [];
    await profile().route(/\/orders$/, (route) => {
      shown.push(route.request().headers().authorization ?? '');
      return route.fulfill({ status: shown.length === 2 || shown.length > 3 ? 401 : 200, body: '[]' });
    });
    const call = (url = '/orders') =>
      page.run(
        (auth, to) => auth.fetch(to, { method: 'POST', body: 'x' }).then((answer: Response) => answer.status),
        url,
      );
    expect(await call()).toBe(200);
    await page.run((auth, who) => auth.logIn(who), credentials(ada));
    const before = page.asked('/refresh');
    expect(await complaining(/401/, () => call())).toBe(200);
    expect(shown[0]).toBe('');
    expect(shown[1]).toMatch(/^Bearer /);
    expect(shown[2]).not.toBe(shown[1]);
    expect(page.asked('/refresh') - before).toBe(1);
    // An API that takes none of them is not a reason to ask for one at each call.
    expect(await complaining(/401/, () => call())).toBe(401);
    expect(await complaining(/401/, () => call())).toBe(401);
    expect(page.asked('/refresh') - before).toBe(2);
    expect(await page.refused((auth) => auth.fetch('https://api.elsewhere.example/orders'))).toContain(
      'name it in `apis`',
    );
    expect(shown).toHaveLength(6);
  });

  test('of an allowed origin on another site is told so, and can send its tokens in bodies', async () => {
    const ada = await residentAt(place);
    const foreign = await clientOn(await open(place.foreign), { store: 'none' });
    expect(
      await foreign.run((auth, who) => auth.logIn(who).then((user: Person) => user.email), credentials(ada)),
    ).toBe(ada.email);
    const refusedTo = await complaining(/403/, async () => {
      const withCookies = await clientOn(await open(place.foreign));
      return withCookies.refused((auth) => auth.ready());
    });
    expect(refusedTo).toBe('cross_site');
  });

  const credentials = ({ email, password }: Person) => ({ email, password });
});
