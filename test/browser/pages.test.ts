/** The pages for people, on the real stack: the whole journey, every state of it looked at (support/page-states.ts). */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { place, useChromium, whereBrowser } from '../support/chromium.ts';
import { lookAt } from '../support/page-states.ts';
import { person } from '../support/person.ts';
import { codeIn, linkTo, mailTo, post, residentAt } from '../support/stack-client.ts';

describe.skipIf(!whereBrowser)('a person on the pages', () => {
  const { open, complaining, profile, quiet } = useChromium();
  /** As a newcomer reads it: on the page of the local mailbox. */
  async function codeInMailbox(address: string): Promise<string> {
    const mailbox = await open(place.mailbox);
    await mailbox.getByLabel('Show mail to').fill(address);
    await mailbox.click(`#messages a:has-text("${address}")`);
    const shown = mailbox.frameLocator('[data-shows=html]').locator('.code');
    await shown.waitFor();
    const code = await mailbox.innerText('#code');
    expect(await shown.innerText()).toBe(code);
    await lookAt(mailbox, 'mailbox', ['desktop', 'phone', 'dark']);
    await mailbox.close();
    return code;
  }

  /** On the pictures everybody has a name; in a test nobody has that of another. */
  const someone = (name: string) => ({
    ...person(name),
    ...(process.env.PICTURES && { email: `${name}@example.com` }),
  });
  const title = (page: Page) => page.locator('h1');
  const sees = (page: Page, words: string | RegExp) => page.getByText(words).first().waitFor();
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

  test('signs up, proves the address, logs in by keyboard alone, and is inside', async () => {
    const ada = someone('ada.okafor');
    const page = await open(`${place.api}/`);
    await title(page).waitFor();
    await lookAt(page, 'login', ['desktop', 'phone', 'dark']);
    await page.click('text=Create an account');
    await page.getByLabel('Your name').waitFor();
    await lookAt(page, 'signup', ['desktop']);
    await page.fill('[name=email]', 'ada.example.com');
    await page.fill('[name=password]', 'short');
    await press(page, 'Create account');
    await sees(page, 'Use at least 8 characters: 3 more to go');
    expect(await page.evaluate('document.activeElement.name')).toBe('name');
    await lookAt(page, 'signup-errors', ['desktop', 'phone']);

    await page.fill('[name=name]', 'Ada Okafor');
    await page.fill('[name=email]', ada.email);
    await page.fill('[name=password]', 'password1');
    await complaining(/422/, async () => {
      await press(page, 'Create account');
      await sees(page, 'one of the first that guessers try');
    });
    expect(await page.inputValue('[name=email]'), 'what was typed stays').toBe(ada.email);
    await page.fill('[name=password]', ada.password);
    await press(page, 'Create account');
    await page.waitForURL('**/verify-email');
    await page.locator('.code').waitFor();
    await lookAt(page, 'code', ['desktop']);
    const code = await codeInMailbox(ada.email);

    await page.reload();
    await page.fill('.code', code === '000000' ? '111111' : '000000');
    await complaining(/400/, async () => {
      await press(page, 'Confirm');
      await sees(page, 'You have 4 tries left');
    });
    await lookAt(page, 'code-wrong', ['phone']);
    await page.fill('.code', `${code.slice(0, 3)} ${code.slice(3)}`);
    await press(page, 'Confirm');
    await sees(page, 'Your address is confirmed');
    await lookAt(page, 'verified', ['desktop']);

    await page.getByRole('link', { name: 'Log in' }).click();
    await page.locator('[name=password]').waitFor();
    expect(await page.inputValue('[name=email]')).toBe(ada.email);
    await page.focus('[name=email]');
    await page.keyboard.press('Tab');
    await page.keyboard.type(ada.password);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/account');
    await page.locator('.row.event').first().waitFor();
    await lookAt(page, 'account', ['desktop', 'phone', 'dark']);
    await page.goBack();
    // The log-in is not in the history any more; what is before it leads here again.
    await page.waitForURL('**/verify-email');
  });

  test('proves the address by the link, in a browser that knows the sign-up and in one that does not', async () => {
    const [ada, grace] = [someone('ada.lovelace'), someone('grace')];
    const page = await open(`${place.api}/signup`);
    await page.getByLabel('Your name').fill(ada.name);
    await page.fill('[name=email]', ada.email);
    await page.fill('[name=password]', ada.password);
    await press(page, 'Create account');
    await page.waitForURL('**/verify-email');
    const link = await linkTo(place, ada.email, '/verify-email');
    const mailed = await open(link);
    await sees(mailed, 'You are about to confirm');
    await expect
      .poll(() => mailed.url(), { message: 'the token is not in the address bar' })
      .toBe(`${place.api}/verify-email`);
    await lookAt(mailed, 'link', ['desktop']);
    await mailed.reload();
    await press(mailed, 'Confirm your address');
    await sees(mailed, 'Your address is confirmed');

    await post(place, '/signup', grace);
    const other = await open(await linkTo(place, grace.email, '/verify-email'));
    await other.fill('[name=password]', 'not the password');
    await complaining(/400/, async () => {
      await press(other, 'Confirm your address');
      await sees(other, 'That didn’t work');
    });
    await lookAt(other, 'link-password', ['phone']);
    await other.fill('[name=password]', grace.password);
    await press(other, 'Confirm your address');
    await sees(other, 'Your address is confirmed');
    const unknown = await open(`${place.api}/verify-email`);
    await sees(unknown, 'This browser doesn’t know');
    await lookAt(unknown, 'unknown');
  });

  test('is told what is wrong and the ways out, and resets the password', async () => {
    const { email } = await residentAt(place, someone('ben'));
    const page = await open(`${place.api}/login`);
    await page.fill('[name=email]', email);
    await complaining(/401|429/, async () => {
      await page.fill('[name=password]', 'not the password');
      await press(page, 'Log in');
      await sees(page, 'That email and password don’t match');
      expect(await page.evaluate('document.activeElement.name')).toBe('password');
      expect(await page.inputValue('[name=password]')).toBe('');
      await lookAt(page, 'login-wrong', ['desktop', 'dark']);
      for (let tries = 1; tries <= 5; tries++) {
        await page.fill('[name=password]', 'not the password');
        await press(page, 'Log in');
        await page.locator('.notice').waitFor();
        await page
          .getByRole('button', { name: 'Log in', exact: true })
          .or(page.locator('.ways'))
          .first()
          .waitFor();
      }
      await sees(page, 'is paused');
    });
    await lookAt(page, 'login-paused', ['phone']);

    await page.click('text=Reset your password');
    await page.locator('[name=email]').waitFor();
    expect(await page.inputValue('[name=email]')).toBe(email);
    await lookAt(page, 'forgot', ['desktop']);
    // The minute in which no other link is sent is not over before it was looked at.
    await page.clock.setFixedTime(new Date());
    await press(page, 'Email me a link');
    await sees(page, 'a link is on its way');
    expect(await page.getByRole('button').getAttribute('aria-disabled')).toBe('true');
    await lookAt(page, 'forgot-sent', ['phone']);

    const link = await linkTo(place, email, '/reset-password');
    const mailed = await open(link);
    await mailed.fill('[name=newPassword]', 'teal b');
    await lookAt(mailed, 'reset', ['desktop']);
    await mailed.reload();
    await mailed.fill('[name=newPassword]', 'a kettle that was not forgotten');
    await press(mailed, 'Change password');
    await sees(mailed, 'Your password is changed');
    await lookAt(mailed, 'reset-done', ['desktop']);
    const used = await open(link);
    await used.fill('[name=newPassword]', 'another kettle that was forgotten');
    await complaining(/400/, async () => {
      await press(used, 'Change password');
      await sees(used, 'This link no longer works');
    });
    await lookAt(used, 'reset-expired', ['phone']);
    await used.click('text=Email me a new link');
    await used.waitForURL('**/forgot-password');
    await post(place, '/login', { email, password: 'a kettle that was not forgotten' });
    const notYou = await open(`${place.api}/was-this-you`);
    await sees(notYou, 'Was this you?');
    await lookAt(notYou, 'was-this-you');
  });

  test('manages the account: name, address and its undo, password, devices, history, export, deletion', async () => {
    const ada = await residentAt(place, someone('ada'));
    await post(place, '/login', { email: ada.email, password: ada.password });
    const page = await open(`${place.api}/.well-known/change-password`);
    await page.waitForURL('**/login');
    await page.fill('[name=email]', ada.email);
    await page.fill('[name=password]', ada.password);
    await press(page, 'Log in');
    await page.waitForURL('**/account');

    await press(page, 'Change: Name');
    await page.getByRole('dialog').getByLabel('Your name').fill('Ada Okafor');
    await lookAt(page, 'account-name');
    await press(page, 'Change name');
    await sees(page, 'Your name is changed');
    await sees(page, 'Ada Okafor');

    await press(page, 'Change: Password');
    await page.fill('[name=currentPassword]', 'not the password');
    await page.fill('[name=newPassword]', 'teal bicycle, 4 rain');
    await complaining(/403/, async () => {
      await press(page, 'Change password');
      await sees(page, 'That password isn’t right');
    });
    await lookAt(page, 'account-password', ['desktop', 'phone']);
    await page.fill('[name=currentPassword]', ada.password);
    await press(page, 'Change password');
    await sees(page, 'Your password is changed');
    const password = 'teal bicycle, 4 rain';
    expect(await page.evaluate('document.activeElement.ariaLabel'), 'the focus is where it was').toBe(
      'Change: Password',
    );

    await post(place, '/login', { email: ada.email, password });
    await page.reload();
    await press(page, 'Log out all others');
    await sees(page, 'All your other devices are logged out');
    const [download] = await Promise.all([page.waitForEvent('download'), press(page, 'Download')]);
    expect(download.suggestedFilename()).toBe('Gatehouse.json');

    const newEmail = someone('ada.moved').email;
    await press(page, 'Change: Email address');
    await page.fill('[name=newEmail]', newEmail);
    await page.fill('[name=currentPassword]', password);
    await lookAt(page, 'account-email');
    await press(page, 'Email me a code');
    await page.locator('dialog .code').waitFor();
    const code = codeIn(await mailTo(place, newEmail));
    await page.reload();
    await press(page, 'Enter the code');
    await page.fill('.code', code);
    await lookAt(page, 'account-email-code', ['desktop']);
    await press(page, 'Change address');
    await sees(page, 'Your email address is changed');

    const undo = await open(await linkTo(place, ada.email, '/cancel-email-change'));
    await sees(undo, 'Undo the change of address');
    await lookAt(undo, 'undo');
    await quiet();
    await press(undo, 'Undo the change');
    await sees(undo, 'The change is undone');
    await lookAt(undo, 'undone', ['desktop']);
    // The other tab hears at its next call that its session has ended.
    await complaining(/401/, async () => {
      await page.reload();
      await page.waitForURL(/\/login/);
      await sees(page, 'We’ve logged you out');
      await quiet();
    });
  });

  test('deletes the account, and every tab of it is closed', async () => {
    const { email, password } = await residentAt(place);
    const tabs = await Promise.all([
      open(`${place.api}/login`),
      open(`${place.api}/account`),
      open(`${place.api}/login`),
    ]);
    const [page] = tabs as [Page, Page, Page];
    await page.fill('[name=email]', email);
    await page.fill('[name=password]', password);
    await press(page, 'Log in');
    // A log-in in one tab is one in all.
    for (const tab of tabs) {
      await tab.waitForURL('**/account');
      for (const loaded of ['#profile .fact', '#logging-in .group .row', '#devices .row', '#history .event'])
        await tab.locator(loaded).first().waitFor();
    }
    await quiet();
    await press(page, 'Delete account');
    await lookAt(page, 'account-delete', ['phone']);
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    await press(page, 'Delete account');
    await page.fill('[name=password]', password);
    await page.getByRole('dialog').getByRole('button', { name: 'Delete account' }).click();
    await sees(page, 'Your account is deleted');
    await lookAt(page, 'deleted');
    for (const tab of tabs.slice(1)) await tab.waitForURL(/\/login/);
  });

  test('reads German where the browser asks for it', async () => {
    await profile().setExtraHTTPHeaders({ 'Accept-Language': 'de-AT' });
    const page = await open(`${place.api}/signup`);
    await sees(page, 'Legen Sie Ihr Konto an');
    expect(await page.getAttribute('html', 'lang')).toBe('de');
    await lookAt(page, 'signup-german', ['phone']);
  });
});
