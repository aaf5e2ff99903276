/** The built API and the references, each bundled as a deployment would, and how each is started. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../tooling/paths.ts';
import { runWrangler } from '../tooling/wrangler.ts';
import type { Database, Stores } from './stores.ts';
import { startWorkerd, type Target } from './workerd.ts';

export type Starters = Record<'api' | 'floor' | 'empty', (database: Database) => Promise<Target>>;

export function bundled(folder: string, stores: Stores, settings: Record<string, string>): Starters {
  const [floor, empty] = [reference('floor', folder), reference('empty', folder)];
  const { bindings, queuePort } = stores;
  const over = ({ url }: Database) => ({ ...bindings, DATABASE_URL: url });
  return {
    api: (database) =>
      startWorkerd(join(root, 'dist/api'), 'api.js', { ...settings, ...over(database) }, queuePort),
    floor: (database) => startWorkerd(floor, 'floor.js', over(database), queuePort),
    empty: () => startWorkerd(empty, 'empty.js', {}, queuePort),
  };
}

/** Builds both Workers and returns what `npm run build` says of their size. */
export function buildWorkers(): string {
  const { stdout, stderr } = spawnSync(process.execPath, ['dev/build.ts'], { cwd: root, encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return stdout.trim().replaceAll('\n', '; ');
}

function reference(name: string, folder: string): string {
  const outdir = join(folder, name);
  const config = ['-c', 'bench/references/wrangler.toml'];
  const { status, output } = runWrangler(
    ...['deploy', `bench/references/${name}.ts`, '--dry-run', '--minify', '--outdir', outdir, ...config],
  );
  if (status !== 0) throw new Error(output);
  return outdir;
}
