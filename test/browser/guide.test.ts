/**
 * The guide, followed by copy and paste: both packages packed as npm would publish them and installed into an empty
 * folder, its code copied with nothing changed but the addresses, a page and a service made of it, and both run against
 * the local stack.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, describe, expect, test } from 'vitest';
import { buildPackage } from '../../dev/build-packages.ts';
import { place, useChromium, whereBrowser } from '../support/chromium.ts';
import { residentAt } from '../support/stack-client.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-guide-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const guide = readFileSync('docs/integrate.md', 'utf8');
const blockWith = (words: string) =>
  [...guide.matchAll(/```ts\n(.*?)```/gs)]
    .map(([, code = '']) => code)
    .find((code) => code.includes(words)) ?? '';

describe.skipIf(!whereBrowser)('the guide', () => {
  const { open } = useChromium();

  test('leads from an empty folder to a call of an own page to an own service, as the person who logged in', async () => {
    install('client', 'verify');
    const { url, close } = await serve(blockWith('@gatehouse/verify'));
    const { email, password } = await residentAt(place);
    const code = blockWith('createGatehouse({ url:')
      .replaceAll('https://api.example.com/orders', `${url}/orders/mine`)
      .replaceAll('https://api.example.com', url)
      .replaceAll('ada@example.com', email)
      .replaceAll('a long and quiet river', password);
    const page = await open(place.app);
    const script = bundle(
      'page.ts',
      `${code}
       globalThis.shown = { status: orders.status, ...(await orders.json()), state: auth.state };`,
    );
    await page.addScriptTag({ type: 'module', content: script });
    await page.waitForFunction('globalThis.shown');
    const shown = await page.evaluate<Shown>('globalThis.shown');
    close();
    expect(shown).toMatchObject({ status: 200, state: { status: 'signedIn', userId: shown.of } });
    expect(shown.of).toMatch(/^[0-9a-f-]{36}$/);
  });
});

type Shown = { status: number; of: string; state: { status: string; userId: string } };

/** Packed, and installed as files. Without a network: what they need besides is the checkout's. */
function install(...names: string[]): void {
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  const files = names.map((name) => {
    buildPackage(`packages/${name}`);
    const line = ['pack', '--workspace', `@gatehouse/${name}`, '--pack-destination', folder, '--json'];
    const [{ filename }] = JSON.parse(execFileSync('npm', line, { encoding: 'utf8' })) as [
      { filename: string },
    ];
    return join(folder, filename);
  });
  const others = ['jose', 'hono'].map((name) => resolve('node_modules', name));
  const quietly = ['--offline', '--no-audit', '--no-fund', '--install-links'];
  execFileSync('npm', ['install', ...quietly, ...files, ...others], { cwd: folder });
}

/** The code with the addresses of this stack instead of the guide's, as one file. */
function bundle(name: string, code: string): string {
  const entry = join(folder, name);
  const ours = code
    .replaceAll('https://auth.example.com', place.api)
    .replaceAll('https://app.example.com', place.app);
  writeFileSync(entry, ours);
  const { outputFiles } = buildSync({
    entryPoints: [entry],
    bundle: true,
    format: 'esm',
    platform: name === 'page.ts' ? 'browser' : 'node',
    target: 'es2022',
    write: false,
  });
  return outputFiles.map(({ text }) => text).join('');
}

/** The guide's service, which has a `fetch` as a Worker has. */
async function serve(code: string): Promise<{ url: string; close(): void }> {
  const file = join(folder, 'service.js');
  const local = code.replaceAll(`audience: 'https://api.example.com'`, `audience: 'gatehouse'`);
  writeFileSync(file, bundle('service.ts', local));
  const app = (await import(/* @vite-ignore */ file)).default as {
    fetch(request: Request): Promise<Response>;
  };
  const server = createServer(async ({ url = '/', method = 'GET', headers }, response) => {
    const request = new Request(new URL(url, 'http://localhost'), {
      method,
      headers: new Headers(headers as Record<string, string>),
    });
    const answer = await app.fetch(request);
    response.writeHead(answer.status, [...answer.headers].flat()).end(await answer.text());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: () => server.close(),
  };
}
