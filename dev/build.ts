/**
 * `npm run build`: bundles both Workers as a deployment would, offline and without an account, and says what
 * they weigh. A bundle that wrangler refuses fails with wrangler's own words.
 */
import { join } from 'node:path';
import { root } from '../tooling/paths.ts';
import { runWrangler } from '../tooling/wrangler.ts';

const workers = [
  { name: 'API', config: 'wrangler.toml', outdir: 'dist/api' },
  { name: 'jobs', config: 'src/jobs/wrangler.toml', outdir: 'dist/jobs' },
];

for (const { name, config, outdir } of workers) {
  const output = bundle(config, outdir);
  const gzipped = /gzip: (.+)/.exec(output)?.[1] ?? 'of unknown size';
  console.log(`${name} Worker: ${gzipped} gzipped, in ${outdir}`);
}

function bundle(config: string, outdir: string): string {
  // `npm run build -- --env production` builds for that environment; without one it is the local one.
  const chosen = process.argv.length > 2 ? process.argv.slice(2) : ['--env', ''];
  const args = ['deploy', '--dry-run', '--minify', '-c', config, '--outdir', join(root, outdir), ...chosen];
  const { status, output } = runWrangler(...args);
  if (status === 0) return output;
  console.error(output);
  process.exit(1);
}
