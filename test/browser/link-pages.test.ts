import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { place, useChromium, whereBrowser } from '../support/chromium.ts';
import { person } from '../support/person.ts';
import { codeIn, json, linkIn, mailTo, post, residentAt } from '../support/stack-client.ts';

/** The service names another origin in ALLOWED_ORIGINS than its own, as one that serves a single-page app does. */
describe.skipIf(!whereBrowser)('the pages behind mailed links work while another origin is listed', () => {
  const { open } = useChromium();

  test('proving an address', async () => {
    const ada = person();
    await post(place, '/signup', ada);
    const page = await open(linkIn(await mailTo(place, ada.email)));
    await page.fill('input[type=password]', ada.password);
    expect(await pressedOn(page)).toMatch(/proven|verified/i);
    await post(place, '/login', { email: ada.email, password: ada.password });
  });

  test('choosing a new password', async () => {
    const { email } = await residentAt(place);
    await post(place, '/forgot-password', { email });
    const page = await open(linkIn(await mailTo(place, email, 2)));
    const password = 'a kettle that was not forgotten';
    await page.fill('input[type=password]', password);
    expect(await pressedOn(page)).toMatch(/password/i);
    await post(place, '/login', { email, password });
  });

  test('asking for a new password where mails about a login lead', async () => {
    const { email } = await residentAt(place);
    const page = await open(`${place.api}/was-this-you`);
    await page.fill('input[type=email]', email);
    expect(await pressedOn(page)).toContain('is on its way');
    expect(linkIn(await mailTo(place, email, 2))).toContain('/reset-password#token=');
  });

  test('cancelling a change of address', async () => {
    const { email, password } = await residentAt(place);
    const { accessToken } = await post(place, '/login', { email, password });
    const newEmail = person('moving').email;
    await post(place, '/change-email', { newEmail, currentPassword: password }, accessToken);
    const code = codeIn(await mailTo(place, newEmail));
    const page = await open(linkIn(await mailTo(place, email, 2)));
    expect(await pressedOn(page)).toContain('reset your password');
    const { headers, ...request } = json({ code });
    const confirm = await fetch(`${place.api}/api/v1/auth/change-email/confirm`, {
      ...request,
      headers: { ...headers, Authorization: `Bearer ${accessToken}` },
    });
    expect(confirm.status).not.toBe(200);
  });

  /** What the page says once its form has been sent and was accepted, which takes the form away. */
  async function pressedOn(page: Page): Promise<string> {
    await page.click('button[type=submit]');
    await page.waitForSelector('form', { state: 'hidden', timeout: 30_000 });
    return page.innerText('[role=status]');
  }
});
