/**
 * Paths in this checkout. Everything that the local stack keeps between runs is in `.data` (ignored by git, removed by
 * `npm run dev:reset`), except for the secrets in `.dev.vars`.
 */
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '..');
export const dataFolder = join(root, '.data');
export const devVarsFile = join(root, '.dev.vars');
export const migrationsFolder = join(root, 'migrations');
export const mailFile = join(dataFolder, 'mail.jsonl');

export const tool = {
  wrangler: join(root, 'node_modules/wrangler/bin/wrangler.js'),
  tsc: join(root, 'node_modules/typescript/bin/tsc'),
  vitest: join(root, 'node_modules/vitest/vitest.mjs'),
  drizzleKit: join(root, 'node_modules/drizzle-kit/bin.cjs'),
};
