/**
 * The Workers in one `wrangler dev`, offline. Their settings are in the `.dev.vars` beside each configuration: wrangler
 * reads no other way of giving them for more than its first Worker.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { dataFolder, root, tool } from '../tooling/paths.ts';
import { UserError } from '../tooling/user-error.ts';
import { lendSettings } from './env-files.ts';
import type { Settings } from './settings.ts';
import { passOn } from './wrangler-output.ts';

const STOP_MS = 5_000;
const READY_MS = 60_000;
/** A verdict on readiness is repeated for 5 s. */
const WARM_MS = 12_000;

const state = join(dataFolder, 'wrangler');
const offline = {
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_LOG_PATH: join(state, 'logs'),
  WRANGLER_REGISTRY_PATH: join(state, 'registry'),
  WRANGLER_SEND_METRICS: 'false',
};

export type Workers = { url: string; exited: Promise<void>; close(): Promise<void> };

export async function startWorkers({ ports, values }: Settings): Promise<Workers> {
  mkdirSync(state, { recursive: true });
  // The others are beside src/jobs/wrangler.toml and src/admin/wrangler.toml: dev/services.ts has written it.
  const lent = lendSettings(join(state, '.dev.vars'), 'api', values);
  const wrangler = spawnWrangler(ports.api);
  const exited = once(wrangler, 'exit').then(() => {});
  const silence = [passOn(wrangler.stdout, process.stdout), passOn(wrangler.stderr, process.stderr)];
  const killGroup = () => signalGroup(wrangler, 'SIGKILL');
  process.once('exit', killGroup);
  return {
    url: `http://localhost:${ports.api}`,
    exited,
    async close() {
      // esbuild may dump its goroutines while it is being stopped.
      for (const stop of silence) stop();
      wrangler.kill('SIGTERM');
      await Promise.race([exited, sleep(STOP_MS)]);
      killGroup();
      await lent.close();
    },
  };
}

/** Resolves when the API answers, whatever the Workers print meanwhile. */
export async function untilHealthy(workers: Workers): Promise<void> {
  let running = true;
  void workers.exited.then(() => {
    running = false;
  });
  const deadline = Date.now() + READY_MS;
  while (running && Date.now() < deadline) {
    const response = await fetch(`${workers.url}/health/live`).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.status === 200) return;
    await sleep(100);
  }
  throw new UserError(
    running
      ? `The API does not answer GET /health/live with 200 after ${READY_MS / 1000} s: see its output above.`
      : 'wrangler ended before the API answered: see its output above.',
  );
}

/** Makes what is slow the first time happen before anyone is told that all is running: modules, connections, plans. */
export async function warm(url: string): Promise<void> {
  const deadline = Date.now() + WARM_MS;
  while (Date.now() < deadline) {
    const response = await fetch(`${url}/health/ready`);
    if (response.status === 200) return;
    const { checks } = (await response.json()) as { checks?: Record<string, string> };
    // Mail of yesterday is not what a start waits for.
    if (checks?.database === 'ok' && checks.redis === 'ok') return;
    await sleep(500);
  }
}

function spawnWrangler(port: number): ChildProcess {
  const followParent = pathToFileURL(join(root, 'dev/follow-parent.mjs')).href;
  return spawn(
    process.execPath,
    [
      ...['--import', followParent, tool.wrangler, 'dev'],
      ...['-c', configWithCron(), '-c', 'src/jobs/wrangler.toml', '-c', 'src/admin/wrangler.toml'],
      // No environment: the top of each file is the local one.
      ...['--env', ''],
      ...['--ip', '127.0.0.1', '--port', String(port), '--inspector-port', '0'],
      ...['--persist-to', join(state, 'state'), '--show-interactive-dev-session=false'],
    ],
    {
      cwd: root,
      // Its own process group: Ctrl-C reaches only us, and whatever wrangler started can be ended with it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        ...process.env,
        ...offline,
        PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      },
    },
  );
}

/** The API's own configuration, with what only the local stack has: a way to the two others (dev/api-with-cron.ts). */
function configWithCron(): string {
  const whole = (path: string) => JSON.stringify(join(root, path));
  const config = readFileSync(join(root, 'wrangler.toml'), 'utf8')
    .replace('main = "src/api.ts"', `main = ${whole('dev/api-with-cron.ts')}`)
    .replace('directory = "dist/assets"', `directory = ${whole('dist/assets')}`)
    .replace('command = "node dev/assets.ts"', `$&\ncwd = ${whole('.')}`)
    .replace(/(?<=^"[^"]+" = )"(\.\/.*)"$/gm, (_, path: string) => whole(path))
    .replace(
      /watch_dir = .*/,
      `watch_dir = [${['src', 'pages', 'packages/client/src', 'openapi/page', 'docs'].map(whole)}]`,
    );
  const file = join(state, 'api.toml');
  const services = { JOBS: 'gatehouse-jobs', ADMIN: 'gatehouse-admin' };
  const bound = Object.entries(services).map(
    ([binding, service]) => `\n[[services]]\nbinding = "${binding}"\nservice = "${service}"\n`,
  );
  writeFileSync(file, config + bound.join(''));
  return file;
}

function signalGroup(leader: ChildProcess, signal: NodeJS.Signals): void {
  if (leader.pid === undefined) return;
  try {
    process.kill(-leader.pid, signal);
  } catch {
    // Nothing of the group is left.
  }
}
