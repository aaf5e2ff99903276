/** Second factors on the account, changed by somebody who has them: each change is in the history at once. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { place, useChromium, whereBrowser } from '../support/chromium.ts';
import { lookAt } from '../support/page-states.ts';
import { person } from '../support/person.ts';
import { codeIn, mailTo, residentAt } from '../support/stack-client.ts';
import { codeAt } from '../support/totp-app.ts';

describe.skipIf(!whereBrowser)('second factors on the account', () => {
  const { open, complaining } = useChromium();
  const sees = (page: Page, words: string) => page.getByText(words).first().waitFor();
  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
  const confirm = (page: Page, name: string) =>
    page.getByRole('dialog').getByRole('button', { name, exact: true }).click();
  const happened = (page: Page, words: string) => page.locator('#history').getByText(words).first().waitFor();
  /** A step that is still good when the code arrives, and one later than any before. */
  const codeOf = (secret: string, later = 0) => codeAt(secret, Math.floor(Date.now() / 30_000) + later);

  async function inside({ email, password }: { email: string; password: string }): Promise<Page> {
    const page = await open(`${place.api}/login`);
    await page.fill('[name=email]', email);
    await page.fill('[name=password]', password);
    await button(page, 'Log in').click();
    await page.waitForURL('**/account');
    return page;
  }

  /** What is shown once, as somebody takes it along. */
  async function keepCodes(page: Page): Promise<string[]> {
    await page.locator('.codes li').first().waitFor();
    const codes = await page.locator('.codes li').allInnerTexts();
    await page.getByLabel('I’ve saved them').check();
    await confirm(page, 'Done');
    return codes;
  }

  async function addPasskey(page: Page, { password }: { password: string }): Promise<void> {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
      },
    });
    await button(page, 'Add a passkey').click();
    await page.fill('dialog [name=name]', 'My laptop');
    await page.fill('dialog [name=password]', password);
    await confirm(page, 'Continue');
    await happened(page, 'Passkey added');
  }

  test('a passkey is removed, with the password', async () => {
    const ada = await residentAt(place);
    const page = await inside(ada);
    await addPasskey(page, ada);
    await button(page, 'Remove: My laptop').click();
    await page.fill('dialog [name=password]', ada.password);
    await lookAt(page, 'passkey-remove');
    await confirm(page, 'Remove');
    await sees(page, 'The passkey is removed');
    await button(page, 'Remove: My laptop').waitFor({ state: 'detached' });
    await happened(page, 'Passkey removed');
  });

  test('the code of an app changes the address, saved ones make new ones, which turn the app off', async () => {
    const ada = await residentAt(place);
    const page = await inside(ada);
    await button(page, 'Turn on: Authenticator app').click();
    await page.fill('dialog [name=password]', ada.password);
    await confirm(page, 'Continue');
    const secret = await page.innerText('.secret');
    await page.fill('dialog .code', codeOf(secret));
    await confirm(page, 'Turn on');
    const old = await keepCodes(page);
    await happened(page, 'Authenticator app turned on');

    const newEmail = person('moved').email;
    await button(page, 'Change: Email address').click();
    await page.fill('dialog [name=newEmail]', newEmail);
    await page.fill('dialog [name=currentPassword]', ada.password);
    await complaining(/403/, async () => {
      await confirm(page, 'Email me a code');
      await sees(page, 'Your account has a second factor');
    });
    await page.fill('dialog [name=secondFactor]', codeOf(secret, 1));
    await confirm(page, 'Email me a code');
    await page.locator('dialog .code').fill(codeIn(await mailTo(place, newEmail)));
    await confirm(page, 'Change address');
    await sees(page, 'Your email address is changed');
    await sees(page, newEmail);

    await button(page, 'Make new codes').click();
    await page.fill('dialog [name=secondFactor]', old[0] ?? '');
    await lookAt(page, 'recovery-renew');
    await confirm(page, 'Make new codes');
    const fresh = await keepCodes(page);
    expect(fresh).toHaveLength(10);
    expect(fresh.filter((code) => old.includes(code))).toEqual([]);
    await sees(page, 'Your new recovery codes are ready');
    await page.locator('#logging-in').getByText('10 of 10 left').waitFor();
    await happened(page, 'New recovery codes made');

    await button(page, 'Turn off: Authenticator app').click();
    await page.fill('dialog [name=secondFactor]', fresh[0] ?? '');
    await lookAt(page, 'authenticator-off');
    await confirm(page, 'Turn off');
    await sees(page, 'Your authenticator app is off');
    await button(page, 'Turn on: Authenticator app').waitFor();
    await happened(page, 'Authenticator app turned off');
    expect(await button(page, 'Make new codes').count()).toBe(0);
  });

  test('whoever has an app deletes the account with the password and a code', async () => {
    const ada = await residentAt(place);
    const page = await inside(ada);
    await button(page, 'Turn on: Authenticator app').click();
    await page.fill('dialog [name=password]', ada.password);
    await confirm(page, 'Continue');
    const secret = await page.innerText('.secret');
    await page.fill('dialog .code', codeOf(secret));
    await confirm(page, 'Turn on');
    const [saved = ''] = await keepCodes(page);
    await happened(page, 'Authenticator app turned on');

    await button(page, 'Delete account').click();
    await page.fill('dialog [name=password]', ada.password);
    await complaining(/403/, async () => {
      await confirm(page, 'Delete account');
      await sees(page, 'Your account has a second factor');
      await lookAt(page, 'account-delete-factor');
      await page.fill('dialog [name=secondFactor]', 'aaaa-aaaa-aaaa-aaaa');
      await confirm(page, 'Delete account');
      await sees(page, 'Use the next one');
    });
    await page.fill('dialog [name=secondFactor]', saved);
    await confirm(page, 'Delete account');
    await sees(page, 'Your account is deleted');
  });

  test('whoever owes a passkey and has no app is asked for it, after the password', async () => {
    const ada = await residentAt(place);
    const page = await inside(ada);
    await addPasskey(page, ada);
    // The stack of these tests demands nothing of anybody: what the service says under MFA_REQUIRED=all is said here.
    let isFirst = true;
    await page.route('**/api/v1/auth/me', async (route) => {
      if (!isFirst || route.request().method() !== 'DELETE') return route.fallback();
      isFirst = false;
      const told = { code: 'second_factor_required', status: 403, title: '', detail: '', errors: [] };
      await route.fulfill({
        status: 403,
        contentType: 'application/problem+json',
        body: JSON.stringify(told),
      });
    });
    await button(page, 'Delete account').click();
    await page.fill('dialog [name=password]', ada.password);
    await complaining(/403/, async () => {
      await confirm(page, 'Delete account');
      await sees(page, 'Your account is deleted');
    });
  });
});
