/**
 * The self-hosted service: PID 1 of the image. It keeps a gateway, the jobs, and a workerd for each core. The public
 * port is opened last, when everything behind it answers. SIGHUP reads the settings again, SIGTERM ends the service.
 */
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { runFolderOf } from './run-folder.ts';
import { makeToken, readSelfHosted, type SelfHosted } from './settings.ts';
import { serveControl } from './supervisor/control.ts';
import { type Keeper, keep, type Start } from './supervisor/keeper.ts';
import { openListening } from './supervisor/listening.ts';
import { logOf } from './supervisor/log.ts';
import { startNode } from './supervisor/node.ts';
import { startWorkerd } from './supervisor/workerd.ts';

const STOP_MS = 9_000;

const log = logOf('supervisor');
const folder = process.env.RELEASE_FOLDER ?? join(import.meta.dirname, '..');
const runFolder = runFolderOf(process.env);
const gatewaySocket = join(runFolder, 'gateway.sock');
const token = makeToken();
let settings = readOrEnd();
const keepers: Keeper[] = [];
let isServing = false;
let isStopping = false;

mkdirSync(runFolder, { recursive: true, mode: 0o700 });
chmodSync(runFolder, 0o700);
process.once('SIGTERM', stop).once('SIGINT', stop);
let reloading = Promise.resolve();
process.on('SIGHUP', () => {
  reloading = reloading.then(reload);
});
const control = await serveControl(
  join(runFolder, 'control.sock'),
  () => keepers,
  () => isServing,
);

const gateway = keepNode('gateway', () => ({ ...settings.env.gateway, GATEWAY_SOCKET: gatewaySocket }));
const jobs = keepNode('jobs', () => settings.env.jobs);
await Promise.all([gateway.ready, jobs.ready]);
const workers = Array.from({ length: settings.workers }, (_, index) => keepWorker(`api-${index}`));
await Promise.all(workers.map(({ ready }) => ready));
isServing = true;
log('info', { event: 'service.ready', pid: process.pid, listen: settings.listen, workers: workers.length });

function keepNode(name: 'gateway' | 'jobs', values: () => Record<string, string>): Keeper {
  const keeper = keep(
    name,
    { process: () => startNode(join(folder, `bin/${name}.js`), values(), gatewaySocket) },
    log,
    settings.hungMs,
  );
  keepers.push(keeper);
  return keeper;
}

function keepWorker(name: string): Keeper {
  let run = 0;
  let listening: Awaited<ReturnType<typeof openListening>> | undefined;
  const start: Start = {
    async process() {
      listening ??= await openListening(join(folder, 'bin/socket.js'), settings.listen);
      run += 1;
      const release = { folder, runFolder, gatewaySocket };
      return startWorkerd(release, `${name}-${run % 2}`, settings.env, listening.fd);
    },
    // Without its socket the kernel gives all connections to the others.
    rest() {
      listening?.close();
      listening = undefined;
    },
  };
  const keeper = keep(name, start, log, settings.hungMs);
  keepers.push(keeper);
  return keeper;
}

function readOrEnd(): SelfHosted {
  try {
    return readSelfHosted(process.env, token);
  } catch (error) {
    log('error', { event: 'settings.refused', reason: (error as Error).message });
    process.exit(1);
  }
}

/** New settings that are refused change nothing. The workers are replaced one after the other. */
async function reload(): Promise<void> {
  try {
    const { listen, workers: count } = settings;
    settings = { ...readSelfHosted(process.env, token), listen, workers: count };
  } catch (error) {
    log('error', { event: 'reload.refused', reason: (error as Error).message });
    return;
  }
  gateway.send({ settings: { ...settings.env.gateway, GATEWAY_SOCKET: gatewaySocket } });
  await jobs.replace();
  for (const worker of workers) await worker.replace();
  log('info', { event: 'service.reloaded' });
}

/** The workers answer what they have accepted; then ends what they need for that. */
async function stop(): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  isServing = false;
  const deadline = Date.now() + STOP_MS;
  log('info', { event: 'service.stopping' });
  const [needed, others] = [[gateway], keepers.filter((one) => one !== gateway)];
  await Promise.all(others.map((one) => one.stop(deadline)));
  await Promise.all(needed.map((one) => one.stop(deadline)));
  await control.close();
  log('info', { event: 'service.stopped' });
  process.exit(0);
}
