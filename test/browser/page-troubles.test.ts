/** The pages on a bad day: a service that is slow, silent or refuses in any of its ways, and people who go back. */
import type { Page, Route } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { refusals } from '../../src/refusal.ts';
import { findings } from '../support/accessible.ts';
import { place, useChromium, whereBrowser } from '../support/chromium.ts';
import { hold } from '../support/held-requests.ts';
import { lookAt } from '../support/page-states.ts';
import { person } from '../support/person.ts';
import { residentAt } from '../support/stack-client.ts';

describe.skipIf(!whereBrowser)('a page whose service', () => {
  const { open, complaining, profile, quiet } = useChromium();
  const sees = (page: Page, words: string | RegExp) => page.getByText(words).first().waitFor();
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
  const refusal = (code: string, status: number) => ({
    status,
    headers: { 'Retry-After': '90' },
    contentType: 'application/problem+json',
    body: JSON.stringify({ code, status, title: '', detail: '', requestId: 'request-1', errors: [] }),
  });

  test('refuses has words and a way on for every code, keeps what was typed, and stops every spinner', async () => {
    let answer: (route: Route) => Promise<void> = (route) => route.abort();
    await profile().route('**/api/v1/auth/signup', (route) => answer(route));
    const page = await open(`${place.api}/signup`);
    const { name, email, password } = person();
    await page.getByLabel('Your name').fill(name);
    await page.fill('[name=email]', email);
    await page.fill('[name=password]', password);
    const told = async () => {
      await press(page, 'Create account');
      await page.locator('.notice').waitFor();
      await page.getByRole('button', { name: 'Create account', exact: true }).waitFor();
      expect(await page.locator('.spinner').count()).toBe(0);
      const notice = page.locator('.notice');
      const words = await notice.innerText();
      expect(words.split('\n').filter(Boolean).length, words).toBeGreaterThan(1);
      expect(words).not.toMatch(/failure\.|undefined|\{/);
      expect(await page.inputValue('[name=password]')).toBe(password);
      return words;
    };
    await complaining(/ERR_FAILED|4\d\d|50\d/, async () => {
      expect(await told()).toContain('We can’t reach Gatehouse right now');
      await lookAt(page, 'unreachable');
      for (const [code, { status }] of Object.entries(refusals)) {
        answer = (route) => route.fulfill(refusal(code, status));
        const words = await told();
        if (status === 429 || status === 503) expect(words, code).toMatch(/Try again at .*, in 90 seconds/);
        if (status === 500) expect(words, code).toContain('request-1');
      }
      answer = (route) =>
        route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>Bad gateway</h1>' });
      expect(await told()).toContain('We can’t reach Gatehouse right now');
    });
  });

  test('is slow says so, takes one press for many, and the account shows what it has', async () => {
    const { email, password } = await residentAt(place);
    const refuse = (code: string) => (route: Route) => route.fulfill(refusal(code, 503));
    const logins = await hold(profile(), '**/api/v1/auth/login');
    const devices = await hold(profile(), '**/api/v1/auth/sessions');
    const events = await hold(profile(), '**/api/v1/auth/events**');
    events.open(refuse('service_unavailable'));
    const page = await open(`${place.api}/login`);
    await page.fill('[name=email]', email);
    await page.fill('[name=password]', password);
    await page.locator('button.main').click();
    await sees(page, 'Logging in…');
    expect(await page.locator('button.main').getAttribute('aria-busy')).toBe('true');
    await page.locator('button.main').click();
    await complaining(/503/, async () => {
      logins.open();
      await page.waitForURL('**/account');
      await sees(page, 'Gatehouse is very busy right now');
    });
    expect(logins.count()).toBe(1);
    await sees(page, 'Fetching your devices…');
    await sees(page, email);
    expect(await findings(page)).toEqual([]);
    await complaining(/503|ERR_FAILED/, async () => {
      devices.open(refuse('overloaded'));
      await page.locator('#devices').getByText('Gatehouse is very busy right now').waitFor();
    });
    expect(await page.locator('#devices .loading').count()).toBe(0);
    for (const refused of [devices, events]) refused.open();
    for (const section of ['#devices', '#history'])
      await page.locator(section).getByRole('button', { name: 'Try again' }).click();
    await sees(page, 'This device');
    await page.locator('#history .event').first().waitFor();
  });

  test.each(['the page', 'a press'])('does not answer at all is asked again, by %s', async (who) => {
    const refreshes = await hold(profile(), '**/api/v1/auth/refresh');
    refreshes.open((route) => route.abort());
    const page = await open('about:blank');
    // Or the page could ask by itself just before the press.
    if (who === 'a press') {
      await page.clock.install({ time: 0 });
      await page.clock.pauseAt(1_000);
    }
    await complaining(/ERR_FAILED/, async () => {
      await page.goto(`${place.api}/account`);
      await sees(page, 'We can’t reach Gatehouse right now');
      if (who === 'the page') await lookAt(page, 'account-unreachable');
      refreshes.open();
      if (who === 'a press') await press(page, 'Try again');
      await page.waitForURL('**/login');
    });
  });

  test('is asked by three tabs, a step back and a reload goes on where it was', async () => {
    const ada = person();
    // The minute in which no new code is sent is not over before all of them were looked at.
    await profile().clock.setFixedTime(new Date());
    const page = await open(`${place.api}/signup`);
    await page.getByLabel('Your name').fill(ada.name);
    await page.fill('[name=email]', ada.email);
    await page.fill('[name=password]', ada.password);
    await press(page, 'Create account');
    await page.waitForURL('**/verify-email');
    await page.goBack();
    await page.getByLabel('Your name').waitFor();
    expect(await page.inputValue('[name=email]'), 'the address is not typed twice').toBe(ada.email);
    await page.goForward();
    await page.locator('.code').waitFor();
    const [second, third] = await Promise.all([
      open(`${place.api}/verify-email`),
      open(`${place.api}/login`),
    ]);
    for (const tab of [page, second]) {
      await tab.locator('.code').waitFor();
      expect(
        await tab.getByRole('button', { name: /Send a new code in/ }).getAttribute('aria-disabled'),
      ).toBe('true');
    }
    // A right password goes on where the sign-up stopped.
    await third.fill('[name=email]', ada.email);
    await third.fill('[name=password]', ada.password);
    await complaining(/403/, async () => {
      await press(third, 'Log in');
      await third.waitForURL('**/verify-email');
    });
    await sees(third, ada.email);
  });

  test('moves nothing while it loads, and needs few and small requests', async () => {
    const page = await open('about:blank');
    const asked = new Set<string>();
    page.on('request', (request) => asked.add(new URL(request.url()).pathname.replace(/-\w{8}(?=\.js)/, '')));
    await page.addInitScript(`window.shift = 0; new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) window.shift += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });`);
    await page.goto(`${place.api}/login`, { waitUntil: 'networkidle' });
    const needed = [
      '/login',
      '/pages/look.css',
      '/pages/app.js',
      '/pages/chunk.js',
      '/pages/en.json',
      '/brand/logo.svg',
      '/api/v1/auth/refresh',
    ];
    // The form is there without these two: they put passkeys into the list of its first field.
    const offer = ['/pages/second.js', '/api/v1/auth/login/passkey/options'];
    // A network may also be idle while a slow machine reads what came.
    await expect.poll(() => [...asked].sort()).toEqual([...needed, ...offer].sort());
    await quiet();
    expect(await page.evaluate('window.shift')).toBe(0);
    asked.clear();
    await page.addInitScript('delete window.PublicKeyCredential');
    await page.reload({ waitUntil: 'networkidle' });
    await expect
      .poll(() => [...asked].sort(), { message: 'of a browser that has no such list' })
      .toEqual(needed.sort());
    await quiet();
    expect(asked.size).toBe(needed.length);
  });
});
