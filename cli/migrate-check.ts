/**
 * `npm run migrate:check`: the schema and the migrations must say the same. Asks drizzle-kit for the next
 * migration in a copy of the folder, and fails if there is one, or if the migrations contradict each other.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import config from '../drizzle.config.ts';
import { migrationsFolder, root, tool } from '../tooling/paths.ts';

const scratch = mkdtempSync(join(tmpdir(), 'gatehouse-migrations-'));
try {
  process.exitCode = check();
} finally {
  rmSync(scratch, { recursive: true });
}

function check(): number {
  const copy = join(scratch, 'migrations');
  cpSync(migrationsFolder, copy, { recursive: true });
  const place = ['--dialect', 'postgresql', '--out', relative(root, copy)];

  if (!drizzleKit('check', ...place)) return fail('The migrations contradict each other: see above.');
  if (!drizzleKit('generate', ...place, '--schema', String(config.schema))) {
    return fail('drizzle-kit could not compare the schema with the migrations: see above.');
  }
  const news = migrationsIn(copy).filter((name) => !migrationsIn(migrationsFolder).includes(name));
  if (news.length > 0) {
    return fail(
      'The schema has changed without a migration: run `npm run migrate:create` and commit its result.',
    );
  }
  console.log('The migrations match the schema.');
  return 0;
}

function drizzleKit(...args: string[]): boolean {
  const { status, stdout, stderr } = spawnSync(process.execPath, [tool.drizzleKit, ...args], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (status !== 0) console.error(stdout + stderr);
  return status === 0;
}

function migrationsIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.sql'));
}

function fail(sentence: string): number {
  console.error(sentence);
  return 1;
}
