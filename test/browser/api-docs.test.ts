import type { Locator } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { place, useChromium, whereBrowser } from '../support/chromium.ts';
import { mailTo, post, residentAt } from '../support/stack-client.ts';

describe.skipIf(!whereBrowser)('the API docs', () => {
  const { open } = useChromium();

  test('try out a sign-up as their example has it, and a route that asks for an access token', async () => {
    const page = await open(`${place.api}/api-docs`);
    const operation = (method: string, path: string) =>
      page.locator(`.opblock-${method}`, { has: page.locator(`[data-path="${path}"]`) });

    expect(await tryOut(operation('post', '/api/v1/auth/signup'))).toBe('200');
    expect((await mailTo(place, 'ada@example.com')).text).toMatch(/\d{6}/);

    const { email, password } = await residentAt(place);
    const { accessToken } = await post(place, '/login', { email, password });
    await page.click('button.authorize');
    await page.fill('.auth-container input', accessToken ?? '');
    await page.click('.auth-btn-wrapper .authorize');
    await page.click('.auth-btn-wrapper .btn-done');
    expect(await tryOut(operation('get', '/api/v1/auth/me'))).toBe('200');
  });

  /** The status that the docs show. */
  async function tryOut(operation: Locator): Promise<string> {
    await operation.locator('.opblock-summary').click();
    await operation.locator('.try-out__btn').click();
    await operation.locator('.execute').click();
    return (await operation.locator('.live-responses-table .response-col_status').last().innerText()).trim();
  }
});
