/** The whole journey by keyboard alone, from the sign-up to the deletion: no mouse, no focus that is set from outside. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { place, useChromium, whereBrowser } from '../support/chromium.ts';
import { person } from '../support/person.ts';
import { codeIn, mailTo } from '../support/stack-client.ts';

/** More than a page has of what can have the focus. */
const MOST = 100;

describe.skipIf(!whereBrowser)('somebody without a mouse', () => {
  const { open, quiet } = useChromium();
  const sees = (page: Page, words: string) => page.getByText(words).first().waitFor();
  /** What has the focus, by the name that tells it apart. */
  const focused = (page: Page): Promise<string> =>
    page.evaluate(
      `(({ ariaLabel, name, textContent }) => ariaLabel || name || textContent.trim())(document.activeElement)`,
    );

  async function tabTo(page: Page, wanted: string): Promise<void> {
    for (let presses = 0; (await focused(page)) !== wanted; presses++) {
      if (presses > MOST) throw new Error(`Tab does not lead to '${wanted}'.`);
      await page.keyboard.press('Tab');
    }
  }
  async function type(page: Page, field: string, words: string): Promise<void> {
    await page.locator(`[name=${field}]`).waitFor();
    await tabTo(page, field);
    await page.keyboard.press('Control+A');
    await page.keyboard.type(words);
  }
  async function press(page: Page, name: string): Promise<void> {
    await tabTo(page, name);
    await page.keyboard.press('Enter');
  }

  test('signs up, proves the address, logs in, changes the name, and deletes the account', async () => {
    const { name, email, password } = person('ada');
    const page = await open(`${place.api}/login`);
    await sees(page, 'Create an account');
    await press(page, 'Create an account');
    await page.waitForURL('**/signup');
    for (const [field, words] of Object.entries({ name, email, password })) await type(page, field, words);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/verify-email');
    await type(page, 'code', codeIn(await mailTo(place, email)));
    await page.keyboard.press('Enter');
    await sees(page, 'Your address is confirmed');
    await press(page, 'Log in');
    await page.waitForURL('**/login');
    await type(page, 'password', password);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/account');
    for (const loaded of ['#profile .fact', '#logging-in .group .row', '#devices .row', '#history .event'])
      await page.locator(loaded).first().waitFor();

    await press(page, 'Change: Name');
    await type(page, 'name', 'Ada Okafor');
    await page.keyboard.press('Enter');
    await sees(page, 'Your name is changed');
    await page.locator('#profile').getByText('Ada Okafor').waitFor();
    await quiet();

    await press(page, 'Delete account');
    await page.locator('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    expect(await focused(page), 'the focus is where it was').toBe('Delete account');
    await page.keyboard.press('Enter');
    await type(page, 'password', password);
    await page.keyboard.press('Enter');
    await sees(page, 'Your account is deleted');
  });
});
