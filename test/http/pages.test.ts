/** The pages for people, as the Worker serves them: whether, with which headers, and what it tells them. */
import { exports } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import { pagePaths } from '../../src/http/pages.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { production } from '../support/production.ts';

const { issuer } = startGatehouse().config;
/** Through the asset router, as in production. */
const ask = (path: string, init?: RequestInit) =>
  (exports as unknown as { default: Fetcher }).default.fetch(new Request(issuer + path, init));

async function textOf(settings: Record<string, string>, path: string, headers = {}): Promise<string> {
  const answer = await startGatehouse(settings).fetch(new Request(issuer + path, { headers }));
  expect(answer.status, path).toBe(200);
  return answer.text();
}

async function toldTo(settings: Record<string, string>, path = '/login', headers = {}) {
  const html = await textOf(settings, path, headers);
  const [, written = ''] = /data-settings="([^"]*)"/.exec(html) ?? [];
  return JSON.parse(
    written
      .replaceAll('&quot;', '"')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&'),
  );
}

const html = await textOf({}, '/login');
const files = [...html.matchAll(/(?:href|src|data-words)="(\/[^"]+)"/g)].map(([, path = '']) => path);
const PASSKEYS = '/.well-known/passkey-endpoints';
const LEADING = ['/', '/.well-known/change-password'];

test.each([
  ['local', {}, true],
  ['local and off', { PAGES: 'off' }, false],
  ['staging', { ...production, ENVIRONMENT: 'staging' }, false],
  ['production', production, false],
  ['production and on', { ...production, PAGES: 'on' }, true],
])('%s: the pages and all their files are served as asked for', async (_, settings, isServed) => {
  const gatehouse = startGatehouse(settings);
  for (const path of [...pagePaths, ...files, PASSKEYS])
    expect((await gatehouse.get(`/${path}`)).status, path).toBe(isServed ? 200 : 404);
  for (const path of LEADING)
    expect((await gatehouse.get(`/${path}`)).status, path).toBe(isServed ? 302 : 404);
});

test('a page may load and run what is ours, and no text of it can become code', async () => {
  const { headers } = await startGatehouse().fetch(new Request(`${issuer}/login`));
  expect(headers.get('Content-Security-Policy')?.split('; ').sort()).toEqual([
    "base-uri 'none'",
    "connect-src 'self'",
    "default-src 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "img-src 'self' data:",
    "require-trusted-types-for 'script'",
    "script-src 'self'",
    "style-src 'self'",
  ]);
  expect(headers.get('Cache-Control')).toBe('no-store');
  expect(headers.get('Content-Type')).toBe('text/html; charset=utf-8');
});

describe('through the asset router', () => {
  test('no file is served that the Worker has not judged', async () => {
    for (const path of [...pagePaths, ...files]) {
      const answer = await ask(path);
      expect(answer.status, path).toBe(200);
      expect((await answer.text()).length, path).toBeGreaterThan(0);
      // Nobody else sets it.
      expect(answer.headers.get('Server-Timing'), path).toContain('0 trips');
      expect(answer.headers.get('X-Frame-Options'), path).toBe('DENY');
    }
  });

  test('what is no path of ours is no page, however it is spelled', async () => {
    for (const path of [
      '/login.html',
      '/login/',
      '/shell',
      '/shell.html',
      '/pages/',
      '/brand/',
      '/pages/nothing.js',
    ])
      expect((await ask(path)).status, path).toBe(404);
    expect((await ask('/login', { method: 'POST' })).status).toBe(405);
  });
});

test('the well-known address of password managers leads to the change of the password, the root to the log-in', async () => {
  const gatehouse = startGatehouse();
  const leads = async (path: string) => (await gatehouse.get(`/${path}`)).headers.get('Location');
  expect(await leads('/.well-known/change-password')).toBe('/account#change-password');
  expect(await leads('/')).toBe('/login');
});

test('password managers learn where passkeys are added and managed, by the public address', async () => {
  const ISSUER = 'https://auth.acme.example';
  const told = await startGatehouse({ ISSUER }).fetch(new Request(`https://inside.example${PASSKEYS}`));
  expect(told.headers.get('Content-Type')).toBe('application/json');
  const passkeys = `${ISSUER}/account#logging-in`;
  expect(await told.json()).toEqual({ enroll: passkeys, manage: passkeys });
});

test('the language is that of the browser if it is one of ours, and else the configured one', async () => {
  const languageFor = async (accepted: string, settings = {}) =>
    (await toldTo(settings, '/login', { 'Accept-Language': accepted })).language;
  expect(await languageFor('de-CH, en;q=0.8')).toBe('de');
  expect(await languageFor('en-GB')).toBe('en');
  expect(await languageFor('fr')).toBe('en');
  expect(await languageFor('fr', { MAIL_LANGUAGE: 'de' })).toBe('de');
  const german = await textOf({}, '/login', { 'Accept-Language': 'de' });
  expect(german).toContain('<html lang="de"');
  expect(german).toContain('/pages/de.json');
});

test('what is configured reaches the page as text, whatever is in it', async () => {
  const settings = {
    PRODUCT_NAME: 'A"><script>alert(1)</script>&Co',
    PASSWORD_MIN_LENGTH: '12',
    BRAND_LOGO: 'mine.png',
  };
  expect(await toldTo(settings)).toMatchObject({
    product: settings.PRODUCT_NAME,
    logo: '/brand/mine.png',
    password: { min: 12, max: 256, isCheckedForLeaks: false },
  });
  expect((await textOf(settings, '/login')).match(/<script/g)).toHaveLength(1);
});

describe('a log-in leads', () => {
  const RETURN_URLS = 'https://app.example.com/,https://other.example.com/welcome';
  const leadsTo = async (url: string) =>
    (await toldTo({ RETURN_URLS }, `/login?returnTo=${encodeURIComponent(url)}`)).returnTo;

  test.each([
    'https://app.example.com/',
    'https://app.example.com/orders?page=2#row',
    'https://other.example.com/welcome',
    'https://other.example.com/welcome?from=login',
  ])('to what is listed: %s', async (url) => {
    expect(await leadsTo(url)).toBe(url);
  });

  test.each([
    'https://evil.example',
    'https://app.example.com.evil.example/',
    'https://app.example.com@evil.example/',
    'https://me:secret@app.example.com/',
    'http://app.example.com/',
    'https://app.example.com:8443/',
    'https://other.example.com/welcome/more',
    'https://other.example.com/welcome-not',
    'https://other.example.com/',
    'https://other.example.com/welcome/../admin',
    '//app.example.com/',
    'javascript:alert(1)',
    'data:text/html,x',
    '/account',
    '',
  ])('nowhere else: %s', async (url) => {
    expect(await leadsTo(url)).toBeUndefined();
  });

  test('to a listed page in whatever spelling it was asked for, as it was compared', async () => {
    expect(await leadsTo('HTTPS://APP.example.com/a/../b')).toBe('https://app.example.com/b');
    expect(await leadsTo('https:\\\\app.example.com\\b')).toBe('https://app.example.com/b');
  });
});

test('the colours of a deployment stand at the end of the one style file, and change its address', async () => {
  const brand = {
    BRAND_LIGHT: 'accent=#0b5d4b,accentInk=#ffffff,link=#0b5d4b',
    BRAND_DARK: 'link=#9fe0cb',
    BRAND_RADIUS: '0',
  };
  const css = await textOf(brand, '/pages/look.css');
  expect(css).toContain('--page: #f6f5f3');
  expect(css.trimEnd().split('\n').at(-1)).toBe(
    ':root{--radius:0px}@media (prefers-color-scheme:light){:root{--accent:#0b5d4b;--accent-ink:#ffffff;--link:#0b5d4b}}' +
      '@media (prefers-color-scheme:dark){:root{--link:#9fe0cb}}',
  );
  const gatehouse = startGatehouse(brand);
  const first = await gatehouse.get('//pages/look.css');
  const known = { 'If-None-Match': first.headers.get('ETag') ?? '' };
  expect((await gatehouse.get('//pages/look.css', { headers: known })).status).toBe(304);
  const address = async (settings = {}) => /look\.css\?v=\w+/.exec(await textOf(settings, '/login'))?.[0];
  expect(await address(brand)).not.toBe(await address());
  expect(await address(brand)).toBe(await address(brand));
});
