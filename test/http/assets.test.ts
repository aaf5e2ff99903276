/** Pages, the OpenAPI document and Swagger UI: where they are served, and with which headers. */
import { exports } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import { startGatehouse } from '../support/gatehouse.ts';
import { production } from '../support/production.ts';

const DOCUMENTS = [
  '/openapi.json',
  '/api-docs',
  '/api-docs/assets/docs.js',
  '/api-docs/assets/swagger-ui-dist/swagger-ui.css',
];
const PAGES = ['/verify-email', '/reset-password', '/cancel-email-change', '/was-this-you'];
const LOOKS = ['/pages/pages.css', '/pages/link-form.js', '/pages/icon.svg'];

test.each([
  ['local', {}, 200],
  ['local and off', { API_DOCS: 'off' }, 404],
  ['production', production, 404],
  ['production and on', { ...production, API_DOCS: 'on' }, 200],
])('%s: the documents are served as asked for, the pages always', async (_, settings, status) => {
  const gatehouse = startGatehouse(settings);
  for (const path of DOCUMENTS) expect((await gatehouse.get(`/${path}`)).status, path).toBe(status);
  for (const path of [...PAGES, ...LOOKS]) expect((await gatehouse.get(`/${path}`)).status, path).toBe(200);
});

describe('through the asset router', () => {
  const { issuer } = startGatehouse().config;
  const ask = (path: string, init?: RequestInit) =>
    (exports as unknown as { default: Fetcher }).default.fetch(new Request(issuer + path, init));

  test('no asset is served that the Worker has not judged', async () => {
    for (const path of [...DOCUMENTS, ...PAGES, ...LOOKS]) {
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
      '/verify-email.html',
      '/verify-email/',
      '/api-docs.html',
      '/api-docs/',
      '/pages/',
      '/',
    ])
      expect((await ask(path)).status, path).toBe(404);
    expect((await ask('/verify-email', { method: 'POST' })).status).toBe(405);
  });

  test('a HEAD and a second look cost no body', async () => {
    const head = await ask('/openapi.json', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const first = await ask('/pages/pages.css');
    const etag = first.headers.get('ETag') ?? '';
    await first.text();
    expect((await ask('/pages/pages.css', { headers: { 'If-None-Match': etag } })).status).toBe(304);
  });
});
