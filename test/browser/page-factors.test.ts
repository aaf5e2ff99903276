/** Second factors on the pages, with the authenticator that the DevTools of the browser bring along. */
import type { CDPSession, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { place, useChromium, whereBrowser } from '../support/chromium.ts';
import { hold } from '../support/held-requests.ts';
import { lookAt } from '../support/page-states.ts';
import { person } from '../support/person.ts';
import { residentAt } from '../support/stack-client.ts';
import { codeAt } from '../support/totp-app.ts';

describe.skipIf(!whereBrowser)('second factors on the pages', () => {
  const { open, complaining, quiet } = useChromium();
  const sees = (page: Page, words: string | RegExp) => page.getByText(words).first().waitFor();
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
  const confirm = (page: Page, name: string) =>
    page.getByRole('dialog').getByRole('button', { name, exact: true }).click();
  /** A step that is still good when the code arrives, and one later than any before. */
  const codeOf = (secret: string, later = 0) => codeAt(secret, Math.floor(Date.now() / 30_000) + later);

  /**
   * A device that answers at once when it is asked by a button. The list in the field, which a browser without a window
   * does not show, waits until somebody chooses in it: `chooseInField()`, which may come before the page has asked.
   */
  const LIST_IN_FIELD = `{
    const get = navigator.credentials.get.bind(navigator.credentials);
    const chosen = Promise.withResolvers();
    globalThis.chooseInField = chosen.resolve;
    navigator.credentials.get = async (asked) => {
      if (asked.mediation === 'conditional') {
        asked.signal.throwIfAborted();
        const ended = Promise.withResolvers();
        asked.signal.addEventListener('abort', () => ended.reject(asked.signal.reason));
        await Promise.race([chosen.promise, ended.promise]);
      }
      return get(asked);
    };
  }`;

  async function withAuthenticator(page: Page) {
    const devtools: CDPSession = await page.context().newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await page.addInitScript({ content: LIST_IN_FIELD });
  }

  async function logInByPassword(page: Page, { email, password }: { email: string; password: string }) {
    await page.waitForURL('**/login');
    await page.fill('[name=email]', email);
    await page.fill('[name=password]', password);
    await press(page, 'Log in');
  }

  /** Once everything is there: a call that is under way when its session ends is refused, and the console says so. */
  async function logOut(page: Page) {
    for (const loaded of ['#profile .fact', '#logging-in .group .row', '#devices .row', '#history .event'])
      await page.locator(loaded).first().waitFor();
    await quiet();
    await press(page, 'Log out');
    await page.waitForURL('**/login');
  }

  test('a passkey and an authenticator app are added, and each of them opens the account', async () => {
    const ada = await residentAt(place, {
      ...person('ada'),
      ...(process.env.PICTURES && { name: 'Ada Byron', email: 'ada.byron@example.com' }),
    });
    const page = await open('about:blank');
    await withAuthenticator(page);
    await page.goto(`${place.api}/login`);
    await logInByPassword(page, ada);
    await press(page, 'Add a passkey');
    await page.fill('dialog [name=name]', 'My laptop');
    await page.fill('dialog [name=password]', ada.password);
    await lookAt(page, 'passkey-add');
    await confirm(page, 'Continue');
    await sees(page, 'Your passkey is ready');
    await sees(page, 'My laptop');

    await logOut(page);
    // The list in the field and the button at once are one log-in: the second would end the session of the first.
    const logins = await hold(page, '**/auth/login/passkey');
    await page.evaluate('chooseInField()');
    await logins.arrives();
    await press(page, 'Log in with a passkey');
    logins.open();
    await page.waitForURL('**/account');
    await sees(page, 'My laptop');
    expect(logins.count()).toBe(1);

    await page.getByRole('button', { name: 'Turn on: Authenticator app' }).click();
    await page.fill('dialog [name=password]', ada.password);
    await confirm(page, 'Continue');
    const secret = await page.innerText('.secret');
    await lookAt(page, 'authenticator', ['desktop']);
    await page.fill('dialog .code', codeOf(secret));
    await confirm(page, 'Turn on');
    await page.locator('.codes li').first().waitFor();
    const recovery = await page.locator('.codes li').allInnerTexts();
    expect(recovery).toHaveLength(10);
    await lookAt(page, 'recovery-codes', ['desktop', 'phone']);
    await confirm(page, 'Done');
    await sees(page, 'Save them first');
    await page.keyboard.press('Escape');
    await page.getByLabel('I’ve saved them').check();
    await confirm(page, 'Done');
    await sees(page, 'Your authenticator app is on');
    await sees(page, '10 of 10 left');
    await lookAt(page, 'account-factors', ['desktop', 'phone']);

    await press(page, 'Change: Email address');
    await page.fill('dialog [name=newEmail]', person('ada').email);
    await page.fill('dialog [name=currentPassword]', ada.password);
    await complaining(/403/, async () => {
      await confirm(page, 'Email me a code');
      await sees(page, 'Your account has a second factor');
      await lookAt(page, 'account-email-factor');
      await page.fill('dialog [name=secondFactor]', '000000');
      await confirm(page, 'Email me a code');
      await sees(page, 'Use the next one');
    });
    await page.fill('dialog [name=secondFactor]', recovery[1] ?? '');
    await confirm(page, 'Email me a code');
    await page.locator('dialog .code').waitFor();
    await page.keyboard.press('Escape');

    await logOut(page);
    await logInByPassword(page, ada);
    await sees(page, 'One more step');
    await lookAt(page, 'second-step', ['desktop']);
    await page.fill('.code', codeOf(secret, 1) === '000000' ? '111111' : '000000');
    await complaining(/403/, async () => {
      await press(page, 'Continue');
      await sees(page, 'That code isn’t right');
    });
    await page.fill('.code', codeOf(secret, 1));
    await press(page, 'Continue');
    await page.waitForURL('**/account');

    // A passkey serves here too, though the field of the page before still offers it.
    await logOut(page);
    await logInByPassword(page, ada);
    await press(page, 'Use a passkey Fingerprint, face or screen lock');
    await press(page, 'Log in with a passkey');
    await page.waitForURL('**/account');

    await logOut(page);
    await logInByPassword(page, ada);
    await press(page, 'Use a recovery code One of the ten you saved');
    await lookAt(page, 'second-step-recovery', ['phone']);
    await page.fill('[name=recoveryCode]', (recovery[0] ?? '').toUpperCase().replaceAll('-', ' '));
    await page.getByLabel('Don’t ask on this device').check();
    await press(page, 'Continue');
    await page.waitForURL('**/account');
    await sees(page, '8 of 10 left');

    await press(page, 'Rename: My laptop');
    await page.fill('dialog [name=name]', 'Old laptop');
    await confirm(page, 'Rename');
    await sees(page, 'Old laptop');
    // The device is trusted now: the password is enough.
    await logOut(page);
    await logInByPassword(page, ada);
    await page.waitForURL('**/account');
    await sees(page, 'Recovery code used');
  });

  test('whoever must have a second factor and has none adds an app: the mailed code, the picture, the recovery codes', async () => {
    // The stack of these tests demands nothing of anybody: what the service says then is said here.
    const codes = Array.from({ length: 10 }, (_, index) => `abcd-efgh-ijkl-mno${'abcdefghij'[index]}`);
    const ticket = 'ticket';
    const success = (data: unknown) => ({
      contentType: 'application/json',
      body: JSON.stringify({ status: 'success', message: '', data }),
    });
    const refusal = (code: string, status: number) => ({
      status,
      contentType: 'application/problem+json',
      body: JSON.stringify({ code, status, title: '', detail: '', requestId: 'request-1', errors: [] }),
    });
    const answers: Record<string, object[]> = {
      login: [success({ mfaRequired: true, ticket, methods: ['enrolment'], expiresIn: 300 })],
      'login/enrol': [
        refusal('invalid_code', 400),
        success({
          secret: 'JBSWY3DP',
          uri: 'otpauth://',
          qr: '<svg xmlns="http://www.w3.org/2000/svg"/>',
          ticket,
          expiresIn: 300,
        }),
      ],
      'login/enrol/confirm': [
        refusal('wrong_second_factor', 403),
        success({
          user: {
            id: crypto.randomUUID(),
            name: 'Ada',
            email: 'ada@example.com',
            createdAt: new Date().toISOString(),
          },
          ...{
            accessToken: `a.${btoa(JSON.stringify({ sid: 'one', sub: 'ada' }))}.c`,
            tokenType: 'Bearer',
            expiresIn: 900,
            recoveryCodes: codes,
          },
        }),
      ],
    };
    const page = await open(`${place.api}/login`);
    for (const [path, given] of Object.entries(answers))
      await page.route(`**/api/v1/auth/${path}`, (route) => route.fulfill(given.shift() ?? {}));
    await logInByPassword(page, person('ada'));
    await sees(page, 'asks everybody for a second factor');
    await lookAt(page, 'enrolment');
    await complaining(/40\d/, async () => {
      await page.fill('.code', '000000');
      await press(page, 'Continue');
      await sees(page, 'That code isn’t right');
      await page.fill('.code', '111111');
      await press(page, 'Continue');
      await sees(page, 'JBSWY3DP');
      await lookAt(page, 'enrolment-app');
      await page.fill('.code', '000000');
      await press(page, 'Log in');
      await sees(page, 'Wait for the next one in your app');
    });
    await page.fill('.code', '111111');
    await press(page, 'Log in');
    await page.locator('.codes li').first().waitFor();
    expect(await page.locator('.codes li').allInnerTexts()).toEqual(codes);
    // The page is not left before they are saved.
    expect(page.url()).toContain('/login');
    await page.getByLabel('I’ve saved them').check();
    await page.route('**/account', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<h1>Inside</h1>' }),
    );
    await confirm(page, 'Done');
    await page.waitForURL('**/account');
  });
});
