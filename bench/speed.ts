/**
 * `npm run bench [-- --quick]`: what the built API costs, beside the floor of the stack and an empty Worker, in one
 * interleaved run. Writes the table of README.md, and exits 1 where a budget is missed. Ratios are what counts: the
 * milliseconds are those of this machine, on this day.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { ensureSecrets } from '../dev/secrets.ts';
import { root } from '../tooling/paths.ts';
import { runWrangler } from '../tooling/wrangler.ts';
import { cpu, latencies, trips } from './costs.ts';
import { crowds } from './crowds.ts';
import { makePerson } from './people.ts';
import { type Row, tableOf } from './report.ts';
import { type Stage, startLoad } from './stage.ts';
import { startTimes } from './starts.ts';
import { startStores } from './stores.ts';
import { startWorkerd } from './workerd.ts';

const isQuick = process.argv.includes('--quick');
const STARTS = isQuick ? 3 : 7;
const BASE = '/api/v1/auth';
const TABLE = /(<!-- speed -->\n).*?(<!-- \/speed -->)/s;

/** No limit is met, and no answer of a breach service is waited for. */
const ROOMY = {
  ENVIRONMENT: 'local',
  LOG_LEVEL: 'silent',
  RESEND_WEBHOOK_SECRET: 'off',
  SESSION_REFRESHES: '100000',
  LIMITS: ['signup=10000/3600', 'login=100000/900']
    .concat(
      ['loginBurst', 'refresh', 'logout', 'account', 'accountSession'].map((name) => `${name}=100000/60`),
    )
    .join(';'),
};

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
const load = startLoad();
const stores = await startStores();
try {
  const rows = await measure();
  writeFileSync(
    'bench/README.md',
    readFileSync('bench/README.md', 'utf8').replace(TABLE, `$1${tableOf(rows, noise())}$2`),
  );
  console.log(tableOf(rows, noise()));
  if (rows.some(({ isMissed }) => isMissed)) process.exitCode = 1;
} finally {
  load.stop();
  await stores.close();
  rmSync(folder, { recursive: true });
}

async function measure(): Promise<Row[]> {
  const bundles = { api: 'dist/api', floor: build('floor'), empty: build('empty') };
  const { stdout: built } = spawnSync(process.execPath, ['dev/build.ts'], { cwd: root, encoding: 'utf8' });
  const settings = { ...secrets(), ...stores.bindings, ...ROOMY };
  const start = {
    api: () => startWorkerd(join(root, bundles.api), 'api.js', settings),
    floor: () => startWorkerd(bundles.floor, 'floor.js', stores.bindings),
    empty: () => startWorkerd(bundles.empty, 'empty.js', {}),
  };
  const starts = await startTimes(start, STARTS);
  const targets = { api: await start.api(), floor: await start.floor(), empty: await start.empty() };
  try {
    const person = () => makePerson(stores, targets.api.url + BASE);
    const people: Stage['people'] = [await person(), await person(), await person()];
    const stage = { stores, targets, people, load, isQuick };
    return [
      ...(await latencies(stage)),
      ...(await trips(stage)),
      ...(await cpu(stage)),
      ...(await crowds(stage)),
      ...starts,
      { name: 'bundles', is: built.trim().replaceAll('\n', '; '), budget: 'npm run build' },
    ];
  } finally {
    await Promise.all(Object.values(targets).map((target) => target.stop()));
  }
}

/** A reference, bundled as the API is. */
function build(name: string): string {
  const outdir = join(folder, name);
  const config = ['-c', 'bench/references/wrangler.toml'];
  const { status, output } = runWrangler(
    ...['deploy', `bench/references/${name}.ts`, '--dry-run', '--minify', '--outdir', outdir, ...config],
  );
  if (status !== 0) throw new Error(output);
  return outdir;
}

function secrets(): Record<string, string> {
  const file = join(folder, 'secrets');
  ensureSecrets(file);
  return parseEnv(readFileSync(file, 'utf8')) as Record<string, string>;
}

function noise(): string {
  const [load = 0] = loadavg();
  return `Measured on ${new Date().toISOString().slice(0, 10)}${isQuick ? ', quickly,' : ''} on ${availableParallelism()} cores with a load of ${load.toFixed(1)}. Ratios are to the floor in the same interleaved run.`;
}
