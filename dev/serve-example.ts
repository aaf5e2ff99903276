/**
 * `npm start` in a folder of examples/ that is a page: builds it with the packages as they are here, serves it on PORT,
 * and runs the local stack for it, whose mailed links then lead to that page. AUTH_URL names a stack that runs already.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { root } from '../tooling/paths.ts';
import { buildPackage } from './build-packages.ts';

const folder = process.cwd();
const port = Number(process.env.PORT ?? 5173);
const origin = `http://localhost:${port}`;
const authUrl = process.env.AUTH_URL ?? 'http://localhost:8787';

buildPackage(join(root, 'packages/client'));
const entry = ['app.tsx', 'app.js'].map((name) => join(folder, name)).find(existsSync);
const { outputFiles } = buildSync({
  entryPoints: [entry ?? folder],
  bundle: true,
  format: 'esm',
  jsx: 'automatic',
  define: { AUTH_URL: JSON.stringify(authUrl) },
  write: false,
});
const script = outputFiles.map(({ text }) => text).join('');
const page = readFileSync(join(folder, 'index.html'), 'utf8');

createServer(({ url }, response) => {
  const isScript = url === '/app.js';
  response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html; charset=utf-8');
  response.end(isScript ? script : page);
}).listen(port, '127.0.0.1', () => console.log(`The example is at ${origin}`));

if (process.env.AUTH_URL === undefined) {
  const stack = spawn(process.execPath, [join(root, 'dev/main.mjs')], {
    cwd: root,
    env: { ...process.env, PORT: '', ALLOWED_ORIGINS: origin, LINK_BASE_URL: origin },
    stdio: 'inherit',
  });
  stack.once('exit', (code) => process.exit(code ?? 1));
  // Ctrl-C reaches the stack as well, and this ends with it.
  process.on('SIGINT', () => {});
}
