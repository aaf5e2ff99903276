/** The API's own documents: what is in them, and where they are served. */
import { expect, test } from 'vitest';
import { startGatehouse } from '../support/gatehouse.ts';
import { production } from '../support/production.ts';

const DOCUMENTS = ['//openapi.json', '//api-docs'];

test.each([
  ['local', {}, 200],
  ['local and off', { API_DOCS: 'off' }, 404],
  ['production', production, 404],
  ['production and on', { ...production, API_DOCS: 'on' }, 200],
])('%s: the documents are served as asked for', async (_, settings, status) => {
  const gatehouse = startGatehouse(settings);
  for (const path of DOCUMENTS) {
    const request = new Request(gatehouse.config.issuer + path.slice(1));
    expect((await gatehouse.answerOnly(request, [])).status, path).toBe(status);
  }
});

test('the document has every path that clients use', async () => {
  const paths = Object.keys(await startGatehouse().paths());
  expect(paths).toEqual(
    expect.arrayContaining([
      '/api/v1/auth/login',
      '/.well-known/jwks.json',
      '/health',
      '/health/live',
      '/health/ready',
    ]),
  );
  expect(paths.filter((path) => path.includes('webhooks'))).toEqual([]);
});
