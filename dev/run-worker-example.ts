/**
 * `npm start` in a folder of examples/ that is a Worker: builds the package it shows, as it is here, runs the Worker on PORT
 * and the local stack beside it. AUTH_URL names a stack that runs already, and BACKEND_KEY the newest of its keys.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { devVarsFile, root, tool } from '../tooling/paths.ts';
import { buildPackage } from './build-packages.ts';

const [name = ''] = process.argv.slice(2);
const port = process.env.PORT ?? '8788';
const authUrl = process.env.AUTH_URL ?? 'http://localhost:8787';

buildPackage(join(root, 'packages', name));
const children = process.env.AUTH_URL === undefined ? [startStack()] : [];
await untilUp(`${authUrl}/health/live`);
const vars = { ISSUER: authUrl, ...(name === 'backend' && { BACKEND_KEY: newestKey() }) };
const args = Object.entries(vars).flatMap(([key, value]) => ['--var', `${key}:${value}`]);
const worker = spawn(
  process.execPath,
  [
    ...[tool.wrangler, 'dev', '--ip', '127.0.0.1', '--port', port, '--inspector-port', '0'],
    ...['--show-interactive-dev-session=false', ...args],
  ],
  {
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', CLOUDFLARE_CF_FETCH_ENABLED: 'false' },
    stdio: ['ignore', 'ignore', 'inherit'],
  },
);
for (const child of [...children, worker]) child.once('exit', (code) => process.exit(code ?? 1));
// Ctrl-C reaches these as well, and this ends with them.
process.on('SIGINT', () => {});
await untilUp(`http://localhost:${port}/`);
console.log(`The example is at http://localhost:${port}`);

function startStack() {
  return spawn(process.execPath, [join(root, 'dev/main.mjs')], {
    cwd: root,
    env: { ...process.env, PORT: '' },
    stdio: 'inherit',
  });
}

/** That of this checkout, which `npm run dev` has made. */
function newestKey(): string {
  const written = existsSync(devVarsFile) ? parseEnv(readFileSync(devVarsFile, 'utf8')) : {};
  return (process.env.BACKEND_KEY ?? written.BACKEND_KEYS ?? '').split(',')[0] ?? '';
}

async function untilUp(url: string): Promise<void> {
  for (;;) {
    const response = await fetch(url).catch(() => undefined);
    await response?.body?.cancel();
    if (response) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
