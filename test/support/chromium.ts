/**
 * A real browser for the tests of a file. Each test has a profile of its own, and fails for whatever its pages complain
 * about: an error on the console, an exception, a request that breaks the page's Content-Security-Policy.
 */
import { type Browser, type BrowserContext, chromium, type Page, type Request } from 'playwright-core';
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
  let underWay: Set<Request>;
  /** A page answers after it has complained: what all have complained about by now is on the list then. */
  const heard = () => Promise.all(profile.pages().map((page) => page.evaluate('0').catch(() => {})));

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: place.chromium, headless: true, args: FLAGS });
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    complaints = [];
    underWay = new Set();
    // As one with a window calls itself: that is whom the device names and the pictures are about.
    const [major] = browser.version().split('.');
    profile = await browser.newContext({
      userAgent: `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${major}.0.0.0 Safari/537.36`,
    });
    profile.setDefaultTimeout(200_000);
    await profile.addInitScript({ content: TELL_CSP });
    profile.on('console', (message) => {
      if (message.type() === 'error') complaints.push(`${message.text()} ${message.location().url}`);
    });
    profile.on('weberror', (error) => complaints.push(String(error.error())));
    profile.on('request', (request) => underWay.add(request));
    profile.on('requestfinished', (request) => underWay.delete(request));
    profile.on('requestfailed', (request) => underWay.delete(request));
  });
  afterEach(async () => {
    await heard();
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
    /**
     * Waits until no page waits for an answer. A session that ends, or a page that is left, under a call of its own is
     * one more complaint.
     */
    quiet: () => expect.poll(() => [...underWay].map((request) => request.url())).toEqual([]),
    /** Takes off the list what `work` makes pages complain about, which must be this and nothing else. */
    async complaining<T>(expected: RegExp, work: () => Promise<T>): Promise<T> {
      const before = complaints.length;
      const result = await work();
      await expect.poll(() => complaints.length).toBeGreaterThan(before);
      await heard();
      for (const complaint of complaints.splice(before)) expect(complaint).toMatch(expected);
      return result;
    },
  };
}
