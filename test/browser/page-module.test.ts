/** The second module of the pages does not load: there is a notice with a way on wherever it is needed, and no spinner. */
import { describe, expect, test } from 'vitest';
import { place, useChromium, whereBrowser } from '../support/chromium.ts';
import { hold } from '../support/held-requests.ts';
import { lookAt } from '../support/page-states.ts';
import { post, residentAt } from '../support/stack-client.ts';
import { codeAt } from '../support/totp-app.ts';

const MODULE = '**/pages/second-*.js';
const UNREACHABLE = 'We can’t reach Gatehouse right now';

describe.skipIf(!whereBrowser)('without the second module', () => {
  const { open, complaining, profile } = useChromium();

  test('the account says so, and is there when it can be had again', async () => {
    const second = await hold(profile(), MODULE);
    second.open((route) => route.abort());
    const page = await complaining(/ERR_FAILED/, async () => {
      const account = await open(`${place.api}/account`);
      await account.getByText(UNREACHABLE).waitFor();
      return account;
    });
    await lookAt(page, 'account-not-loaded');
    second.open();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.waitForURL('**/login');
  });

  test('a log-in asks for its second step only once it can', async () => {
    // Otherwise the list in the field needs the module before.
    await profile().addInitScript('delete window.PublicKeyCredential');
    const { email, password } = await residentAt(place);
    const { accessToken } = await post(place, '/login', { email, password });
    const { secret = '', ticket } = await post(place, '/factors/totp', { proof: { password } }, accessToken);
    const code = codeAt(secret, Math.floor(Date.now() / 30_000));
    await post(place, '/factors/totp/confirm', { ticket, code }, accessToken);

    const second = await hold(profile(), MODULE);
    second.open((route) => route.abort());
    const page = await open(`${place.api}/login`);
    const logIn = async () => {
      await page.fill('[name=email]', email);
      await page.fill('[name=password]', password);
      await page.getByRole('button', { name: 'Log in', exact: true }).click();
    };
    await complaining(/ERR_FAILED/, async () => {
      await logIn();
      await page.getByText(UNREACHABLE).waitFor();
    });
    expect(await page.locator('.spinner').count()).toBe(0);
    second.open();
    await page.reload();
    await logIn();
    await page.getByText('One more step').waitFor();
  });

  test('the button for passkeys says so', async () => {
    await profile().addInitScript('delete window.PublicKeyCredential');
    const second = await hold(profile(), MODULE);
    second.open((route) => route.abort());
    const page = await open(`${place.api}/login`);
    await complaining(/ERR_FAILED/, async () => {
      await page.getByRole('button', { name: 'Log in with a passkey' }).click();
      await page.getByText(UNREACHABLE).waitFor();
    });
    expect(await page.locator('.spinner').count()).toBe(0);
  });
});
