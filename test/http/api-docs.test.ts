/** The OpenAPI document and Swagger UI: where they are served, and with which headers. */
import { exports } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import { startGatehouse } from '../support/gatehouse.ts';
import { production } from '../support/production.ts';

const DOCUMENTS = [
  '/openapi.json',
  '/api-docs',
  '/api-docs/assets/docs.js',
  '/api-docs/assets/icon.svg',
  '/api-docs/assets/swagger-ui-dist/swagger-ui.css',
];

test.each([
  ['local', {}, 200],
  ['local and off', { API_DOCS: 'off' }, 404],
  ['production', production, 404],
  ['production and on', { ...production, API_DOCS: 'on' }, 200],
])('%s: the documents are served as asked for', async (_, settings, status) => {
  const gatehouse = startGatehouse(settings);
  for (const path of DOCUMENTS) expect((await gatehouse.get(`/${path}`)).status, path).toBe(status);
});

describe('through the asset router', () => {
  const { issuer } = startGatehouse().config;
  const ask = (path: string, init?: RequestInit) =>
    (exports as unknown as { default: Fetcher }).default.fetch(new Request(issuer + path, init));

  test('no document is served that the Worker has not judged', async () => {
    for (const path of DOCUMENTS) {
      const answer = await ask(path);
      expect(answer.status, path).toBe(200);
      expect((await answer.text()).length, path).toBeGreaterThan(0);
      // Nobody else sets it.
      expect(answer.headers.get('Server-Timing'), path).toContain('0 trips');
      expect(answer.headers.get('X-Frame-Options'), path).toBe('DENY');
    }
  });

  test('what is no path of ours is no document, however it is spelled', async () => {
    for (const path of ['/api-docs.html', '/api-docs/', '/api-docs/assets/'])
      expect((await ask(path)).status, path).toBe(404);
  });

  test('a HEAD and a second look cost no body', async () => {
    const head = await ask('/openapi.json', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const path = '/api-docs/assets/docs.js';
    const first = await ask(path);
    const etag = first.headers.get('ETag') ?? '';
    await first.text();
    expect((await ask(path, { headers: { 'If-None-Match': etag } })).status).toBe(304);
  });
});
