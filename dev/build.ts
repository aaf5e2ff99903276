/**
 * `npm run build`: bundles the Workers as a deployment would, offline and without an account, and prints their sizes
 * and that of the pages. It fails when one is over its budget or when wrangler refuses it. `npm run build -- --env production` builds
 * for that environment; the default is the local one.
 */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { root } from '../tooling/paths.ts';
import { runWrangler } from '../tooling/wrangler.ts';
import { PAGES_BUDGETS, pagesWeight } from './pages.ts';

/**
 * `budget` is the sum of all chunks, minified and gzipped, in KiB. That of the API is 240, and what two features may add:
 * 40 for second factors and passkeys (docs/decisions/0020), 16 for imported hashes (0021).
 */
const workers = [
  { name: 'API', config: 'wrangler.toml', outdir: 'dist/api', budget: 296 },
  { name: 'jobs', config: 'src/jobs/wrangler.toml', outdir: 'dist/jobs', budget: 170 },
  { name: 'admin', config: 'src/admin/wrangler.toml', outdir: 'dist/admin', budget: 110 },
];

/** The report of esbuild about its outputs. */
type Metafile = { outputs: Record<string, { inputs: Record<string, { bytesInOutput: number }> }> };

const METAFILE = 'bundle-meta.json';
const TOLD = 15;

for (const { name, config, outdir, budget } of workers) {
  bundle(config, outdir);
  const chunks = globSync(join(root, outdir, '*.js')).map((path) => ({
    name: basename(path),
    kib: gzipSync(readFileSync(path), { level: 9 }).byteLength / 1_024,
  }));
  const total = chunks.reduce((sum, { kib }) => sum + kib, 0);
  const each = chunks.map((chunk) => `${chunk.name} ${chunk.kib.toFixed(1)}`).join(', ');
  console.log(`${name} Worker: ${total.toFixed(1)} of ${budget} KiB gzipped, in ${outdir} (${each})`);
  if (total <= budget) continue;
  console.error(`Over budget. What fills it, minified:\n${filling(join(root, outdir, METAFILE)).join('\n')}`);
  process.exitCode = 1;
}

for (const [part, kib] of Object.entries(pagesWeight())) {
  const budget = PAGES_BUDGETS[part as keyof typeof PAGES_BUDGETS];
  console.log(`Pages, ${part}: ${kib.toFixed(2)} of ${budget} KiB gzipped`);
  if (kib > budget) process.exitCode = 1;
}

function bundle(config: string, outdir: string): void {
  const chosen = process.argv.length > 2 ? process.argv.slice(2) : ['--env', ''];
  const into = ['--outdir', join(root, outdir), '--metafile', join(root, outdir, METAFILE)];
  const { status, output } = runWrangler('deploy', '--dry-run', '--minify', '-c', config, ...into, ...chosen);
  if (status === 0) return;
  console.error(output);
  process.exit(1);
}

/** The largest packages, and our own folders, in KiB. */
function filling(metafile: string): string[] {
  const { outputs } = JSON.parse(readFileSync(metafile, 'utf8')) as Metafile;
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  const weights = new Map<string, number>();
  for (const [path, { bytesInOutput }] of inputs) {
    const [, source = path] = /(node_modules\/(?:@[^/]+\/)?[^/]+|src\/[^/]+)/.exec(path) ?? [];
    weights.set(source, (weights.get(source) ?? 0) + bytesInOutput);
  }
  return [...weights]
    .toSorted(([, one], [, other]) => other - one)
    .slice(0, TOLD)
    .map(([source, bytes]) => `${(bytes / 1_024).toFixed(1).padStart(8)}  ${source}`);
}
