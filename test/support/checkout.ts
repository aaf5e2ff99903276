/** What a checkout holds that the commands need, copied, so that a test can start, fill in and remove it. */
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PARTS = [
  'cli',
  'dev',
  'docs/openapi.json',
  'drizzle.config.ts',
  'migrations',
  'openapi',
  'packages/client/src',
  'pages',
  'selfhost',
  'tooling',
  'src',
  'package.json',
  'wrangler.toml',
  'tsconfig.json',
];

export function copyCheckout(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-checkout-'));
  for (const part of PARTS) cpSync(part, join(folder, part), { recursive: true });
  symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
