/**
 * Runs drizzle-kit for `migrate create` and `migrate check`. The check lets it make the next migration in a copy of
 * the folder. It fails if there is one, or if the migrations contradict each other.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import config from '../drizzle.config.ts';
import { migrationsFolder, root, tool } from '../tooling/paths.ts';
import { UserError } from '../tooling/user-error.ts';
import type { Output } from './command.ts';

export function createMigration(output: Output, name: string): { created: string[] } {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) output.refuse('--name takes small letters, digits and _');
  const before = migrationsIn(migrationsFolder);
  // It may ask whether a column is new or renamed.
  const { status } = spawnSync(process.execPath, [tool.drizzleKit, 'generate', '--name', name], {
    cwd: root,
    stdio: ['inherit', 2, 2],
  });
  if (status !== 0) throw new UserError('drizzle-kit made no migration: see above.');
  const created = migrationsIn(migrationsFolder).filter((file) => !before.includes(file));
  for (const file of created) output.line(`migrations/${file}`);
  for (const file of created.map((up) => up.replace(/\.sql$/, '.down.sql'))) {
    if (!existsSync(join(migrationsFolder, file))) output.line(`Now write the reverse: migrations/${file}`);
  }
  return { created };
}

export function checkMigrations(output: Output): { isInStep: true } {
  const scratch = mkdtempSync(join(tmpdir(), 'gatehouse-migrations-'));
  try {
    check(join(scratch, 'migrations'));
  } finally {
    rmSync(scratch, { recursive: true });
  }
  output.line('The migrations match the schema.');
  return { isInStep: true };
}

function check(copy: string): void {
  cpSync(migrationsFolder, copy, { recursive: true });
  const place = ['--dialect', 'postgresql', '--out', relative(root, copy)];
  drizzleKit('The migrations contradict each other', 'check', ...place);
  drizzleKit(
    'drizzle-kit could not compare the schema with the migrations',
    ...['generate', ...place, '--schema', String(config.schema)],
  );
  const news = migrationsIn(copy).filter((name) => !migrationsIn(migrationsFolder).includes(name));
  if (news.length > 0) {
    throw new UserError(
      'The schema has changed without a migration: run `npm run migrate:create` and commit its result.',
    );
  }
}

function drizzleKit(failure: string, ...args: string[]): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [tool.drizzleKit, ...args], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (status !== 0) throw new UserError(`${failure}:\n${stdout}${stderr}`);
}

function migrationsIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.sql'));
}
