/** The API's wrangler.toml, whole, in the platform's own asset router: what each environment serves of the assets. */
import { execFileSync } from 'node:child_process';
import { afterAll, expect, test } from 'vitest';
import { createTestHarness } from 'wrangler';
import { keyKinds } from '../../tooling/key-values.ts';
import { copyCheckout } from '../support/checkout.ts';
import { production } from '../support/production.ts';

// The build of the Worker gathers the assets anew, which other tests read meanwhile.
const { folder, remove } = copyCheckout();
afterAll(remove);
execFileSync(process.execPath, ['dev/assets.ts'], { cwd: folder });

const keys = Object.fromEntries(Object.entries(keyKinds).map(([name, { make }]) => [name, make()]));

async function statuses(env: string, settings: Record<string, string>, paths: string[]) {
  const server = createTestHarness({
    root: folder,
    workers: [{ configPath: 'wrangler.toml', env, vars: { ...production, ...keys, ...settings } }],
  });
  try {
    await server.listen();
    const answers = await Promise.all(paths.map((path) => server.fetch(path)));
    for (const answer of answers) await answer.text();
    return Object.fromEntries(
      answers.map(({ status, headers }, index) => [
        paths[index],
        [status, headers.get('Content-Type')?.split(';')[0], headers.get('X-Frame-Options')],
      ]),
    );
  } finally {
    await server.close();
  }
}

const DOCS = ['/openapi.json', '/api-docs', '/api-docs/assets/docs.js', '/api-docs.html'];
const PAGES = ['/login', '/verify-email', '/pages/look.css', '/brand/logo.svg'];
const refused = [404, 'application/problem+json', 'DENY'];
const pages = {
  '/login': [200, 'text/html', 'DENY'],
  '/verify-email': [200, 'text/html', 'DENY'],
  '/pages/look.css': [200, 'text/css', 'DENY'],
  '/brand/logo.svg': [200, 'image/svg+xml', 'DENY'],
};

test('in production neither API docs nor pages are there unless they are asked for, by any of their names', async () => {
  const paths = [...DOCS, ...PAGES, '/login.html', '/shell', '/shell.html', '/pages/en.json'];
  expect(await statuses('production', { PAGES: '' }, paths)).toEqual(
    Object.fromEntries(paths.map((path) => [path, refused])),
  );
});

test('where they are asked for they are there, each by its own name', async () => {
  expect(await statuses('staging', { ENVIRONMENT: 'staging', API_DOCS: 'on' }, [...DOCS, ...PAGES])).toEqual({
    '/openapi.json': [200, 'application/json', 'DENY'],
    '/api-docs': [200, 'text/html', 'DENY'],
    '/api-docs/assets/docs.js': [200, 'text/javascript', 'DENY'],
    '/api-docs.html': refused,
    ...pages,
  });
});
