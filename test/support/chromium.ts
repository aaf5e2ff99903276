/**
 * A real browser for the tests of a file. Each test has a profile of its own, and fails for whatever its pages complain
 * about: an error on the console, an exception, a request that breaks the page's Content-Security-Policy.
 */
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject } from 'vitest';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** As text: types of the DOM are not those of Workers, which the rest of the tests is checked with. */
const TELL_CSP = `addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
  console.error('CSP: ' + violatedDirective + ' refuses ' + blockedURI))`;

export const whereBrowser = inject('browser');

/** Where everything is; only read by tests, which are skipped where there is no browser. */
export const place = whereBrowser ?? {
  chromium: '',
  api: '',
  mailbox: '',
  admin: '',
  app: '',
  foreign: '',
  stranger: '',
  spare: [''],
  backendKey: '',
};

export function useChromium() {
  let browser: Browser;
  let profile: BrowserContext;
  let complaints: string[];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: place.chromium, headless: true, args: FLAGS });
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    complaints = [];
    // As one with a window calls itself: that is whom the device names and the pictures are about.
    const [major] = browser.version().split('.');
    profile = await browser.newContext({
      userAgent: `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${major}.0.0.0 Safari/537.36`,
    });
    profile.setDefaultTimeout(100_000);
    await profile.addInitScript({ content: TELL_CSP });
    profile.on('console', (message) => {
      if (message.type() === 'error') complaints.push(`${message.text()} ${message.location().url}`);
    });
    profile.on('weberror', (error) => complaints.push(String(error.error())));
  });
  afterEach(async () => {
    await profile.close();
    expect(complaints).toEqual([]);
  });

  return {
    async open(url: string): Promise<Page> {
      const page = await profile.newPage();
      await page.goto(url);
      return page;
    },
    profile: () => profile,
    /** Takes off the list what `work` makes pages complain about, which must be this and nothing else. */
    async complaining<T>(expected: RegExp, work: () => Promise<T>): Promise<T> {
      const before = complaints.length;
      const result = await work();
      await expect.poll(() => complaints.length).toBeGreaterThan(before);
      for (const complaint of complaints.splice(before)) expect(complaint).toMatch(expected);
      return result;
    },
  };
}
