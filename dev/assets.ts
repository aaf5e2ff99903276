/**
 * Gathers what the API Worker serves as static assets: Swagger UI's own files, out of node_modules, so that
 * the API docs load nothing from elsewhere and weigh nothing in the bundle; and the pages behind mailed links.
 * Wrangler's [build] command, run before every bundle; the folder holds nothing but what is listed here.
 */
import { copyFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../tooling/paths.ts';

const assets = join(root, 'dist/assets');
const swaggerUi = '/api-docs/assets/swagger-ui-dist';
const swaggerUiFiles = ['swagger-ui.css', 'swagger-ui-bundle.js'];
const pages = ['verify-email', 'reset-password', 'cancel-email-change'];

const everywhere = `
  Cross-Origin-Opener-Policy: same-origin
  Cross-Origin-Resource-Policy: same-origin
  Referrer-Policy: no-referrer
  Strict-Transport-Security: max-age=63072000; includeSubDomains; preload
  X-Content-Type-Options: nosniff
  X-Frame-Options: DENY`;

const pageCsp = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

// A day: the files of Swagger UI change with its releases, and their names do not.
const headers = [
  `/*${everywhere}`,
  '/api-docs/assets/*\n  Cache-Control: public, max-age=86400',
  ...pages.map((page) => `/${page}\n  Cache-Control: no-store\n  Content-Security-Policy: ${pageCsp}`),
].join('\n');

export function copyAssets(): void {
  mkdirSync(join(assets, swaggerUi), { recursive: true });
  for (const file of swaggerUiFiles) {
    copyFileSync(join(root, 'node_modules/swagger-ui-dist', file), join(assets, swaggerUi, file));
  }
  cpSync(join(root, 'pages'), join(assets, 'pages'), { recursive: true });
  for (const page of pages) copyFileSync(join(root, `pages/${page}.html`), join(assets, `${page}.html`));
  writeFileSync(join(assets, '_headers'), `${headers}\n`);
}

if (import.meta.main) copyAssets();
