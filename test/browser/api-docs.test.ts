import type { Locator } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import document from '../../docs/openapi.json';
import { place, useChromium, whereBrowser } from '../support/chromium.ts';
import { mailTo, post, residentAt } from '../support/stack-client.ts';

describe.skipIf(!whereBrowser)('the API docs', () => {
  const { open } = useChromium();

  test('try out a sign-up as their example has it, and a route that asks for an access token, also after a reload', async () => {
    const page = await open(`${place.api}/api-docs`);
    const operation = (method: string, path: string) =>
      page.locator(`.opblock-${method}`, { has: page.locator(`[data-path="${path}"]`) });

    expect(await tryOut(operation('post', '/api/v1/auth/signup'))).toBe('200');
    expect((await mailTo(place, 'grace@example.com')).text).toMatch(/\d{6}/);

    const { email, password } = await residentAt(place);
    const { accessToken } = await post(place, '/login', { email, password });
    await page.click('button.authorize');
    await page
      .locator('.auth-container', { hasText: 'accessToken' })
      .locator('input')
      .fill(accessToken ?? '');
    await page.locator('.auth-btn-wrapper .authorize').first().click();
    await page.locator('.auth-btn-wrapper .btn-done').first().click();
    expect(await tryOut(operation('get', '/api/v1/auth/me'))).toBe('200');
    // Loaded anew, and without the fragment that would open the operation by itself.
    await page.goto('about:blank');
    await page.goto(`${place.api}/api-docs`);
    expect(await tryOut(operation('get', '/api/v1/auth/me'))).toBe('200');
  });

  test('stand in groups, have our icon, and follow the system into the dark', async () => {
    const page = await open(`${place.api}/api-docs`);
    const tags = page.locator('.opblock-tag');
    await tags.first().waitFor();
    expect((await tags.allInnerTexts()).map((text) => text.split('\n')[0])).toEqual(
      document.tags.map(({ name }) => name),
    );
    expect(document.tags.length).toBeGreaterThan(5);
    expect(await page.locator('link[rel=icon]').getAttribute('href')).toBe('/api-docs/assets/icon.svg');
    const darkness = () =>
      page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor');
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await page.locator('html.dark-mode').count()).toBe(0);
    const light = await darkness();
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.locator('html.dark-mode').waitFor();
    await expect.poll(darkness).not.toBe(light);
  });

  /** The status that the docs show. */
  async function tryOut(operation: Locator): Promise<string> {
    await operation.locator('.opblock-summary').click();
    await operation.locator('.try-out__btn').click();
    await operation.locator('.execute').click();
    return (await operation.locator('.live-responses-table .response-col_status').last().innerText()).trim();
  }
});
