/**
 * Puts Swagger UI's own files, out of node_modules, where the API Worker serves assets from: the API docs
 * load nothing from elsewhere and weigh nothing in the bundle. Wrangler's [build] command, run before every
 * bundle; the folder holds nothing but what is listed here.
 */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.ts';

const source = join(root, 'node_modules/swagger-ui-dist');
const assets = join(root, 'dist/assets');
const folder = '/api-docs/assets/swagger-ui-dist';
const files = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];

// A day: the files change with a release of Swagger UI, and their names do not.
const headers = `/api-docs/assets/*
  Cache-Control: public, max-age=86400
  Content-Security-Policy: default-src 'none'; frame-ancestors 'none'
  Cross-Origin-Opener-Policy: same-origin
  Cross-Origin-Resource-Policy: same-origin
  Referrer-Policy: no-referrer
  Strict-Transport-Security: max-age=63072000; includeSubDomains; preload
  X-Content-Type-Options: nosniff
`;

export function copyAssets(): void {
  mkdirSync(join(assets, folder), { recursive: true });
  for (const file of files) copyFileSync(join(source, file), join(assets, folder, file));
  writeFileSync(join(assets, '_headers'), headers);
}

if (import.meta.main) copyAssets();
