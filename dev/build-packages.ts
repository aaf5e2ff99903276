/**
 * `npm run packages`: builds packages/* (what apps install) into their dist: one ES module for each entry, and its
 * types. It prints the size of each in an app. It fails when one is over its budget, or when npm would pack other
 * files.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type BuildOptions, buildSync } from 'esbuild';
import { root, tool } from '../tooling/paths.ts';

type Manifest = { name: string; exports: Record<string, { types: string; default: string }> };

/**
 * The size of a package in an app: its entries with their dependencies, minified and gzipped, in KiB. `client/factors`
 * is with that entry, and `client` without.
 */
const budgets: Record<string, number> = { client: 6, 'client/factors': 6, verify: 9, backend: 6 };

const PACKED = /^(package\.json|README\.md|LICENSE|dist\/[\w-]+\.(js|js\.map|d\.ts))$/;

/** Each file is replaced whole: whoever reads dist meanwhile, or builds it as well, never sees half of one. */
export function buildPackage(folder: string): void {
  const dist = join(folder, 'dist');
  mkdirSync(join(root, 'dist'), { recursive: true });
  const drafts = mkdtempSync(join(root, 'dist/package-'));
  const { status } = spawnSync(process.execPath, [tool.tsc, '-p', folder, '--outDir', drafts], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(1);
  // Sources name each other with `.ts`; what is published has none of these.
  for (const file of globSync(join(drafts, '*.d.ts'))) {
    const types = readFileSync(file, 'utf8').replace(/(from '\.\/[^']+)\.ts'/g, "$1.js'");
    writeFileSync(file, types);
  }
  const bundled = { ...optionsOf(folder), packages: 'external', outdir: dist, sourcemap: 'linked' } as const;
  for (const { path, contents } of buildSync({ ...bundled, write: false }).outputFiles)
    writeFileSync(join(drafts, basename(path)), contents);
  mkdirSync(dist, { recursive: true });
  const made = readdirSync(drafts);
  for (const name of readdirSync(dist))
    if (!made.includes(name)) rmSync(join(dist, name), { recursive: true, force: true });
  for (const name of made) renameSync(join(drafts, name), join(dist, name));
  rmSync(drafts, { recursive: true });
}

function optionsOf(folder: string, without: readonly string[] = []): BuildOptions {
  const entryPoints = Object.entries(manifestOf(folder).exports)
    .filter(([entry]) => !without.includes(entry))
    .map(([, entry]) => join(folder, entry.default.replace('dist', 'src').replace(/\.js$/, '.ts')));
  return { entryPoints, bundle: true, splitting: true, format: 'esm', target: 'es2022', minify: true };
}

function weigh(folder: string, without: readonly string[]): number {
  const { outputFiles } = buildSync({ ...optionsOf(folder, without), outdir: folder, write: false });
  return (
    outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).byteLength, 0) / 1_024
  );
}

/** The files that `npm publish` would send, and what the manifest promises. */
function checkPacked(folder: string): string[] {
  const output = execFileSync('npm', ['pack', '--dry-run', '--json'], { cwd: folder, encoding: 'utf8' });
  const [{ files }] = JSON.parse(output) as [{ files: { path: string }[] }];
  const packed = files.map(({ path }) => path);
  const promised = Object.values(manifestOf(folder).exports).flatMap((entry) => [entry.types, entry.default]);
  const needed = ['README.md', 'LICENSE', ...promised.map((path) => path.slice('./'.length))];
  return [
    ...packed.filter((path) => !PACKED.test(path)).map((path) => `${path} is packed and should not be`),
    ...needed.filter((path) => !packed.includes(path)).map((path) => `${path} is not packed`),
  ];
}

const manifestOf = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

if (import.meta.main) {
  for (const [name, budget] of Object.entries(budgets)) {
    const [packed = '', entry] = name.split('/');
    const folder = join(root, 'packages', packed);
    // What has a budget of its own is not part of the one without it.
    const apart = Object.keys(budgets).flatMap((other) =>
      entry === undefined && other.startsWith(`${packed}/`) ? [`.${other.slice(packed.length)}`] : [],
    );
    if (entry === undefined) buildPackage(folder);
    const weight = weigh(folder, apart);
    const title = manifestOf(folder).name + (entry ? ` with /${entry}` : '');
    console.log(`${title}: ${weight.toFixed(2)} of ${budget} KiB gzipped`);
    const faults = entry === undefined ? checkPacked(folder) : [];
    if (weight > budget) faults.push('over budget');
    for (const fault of faults) console.error(`${title}: ${fault}`);
    if (faults.length > 0) process.exitCode = 1;
  }
}
