/**
 * `node bench/self-hosted.ts`: the self-hosted service with one and with two workers beside plain workerd, in one
 * interleaved run, then the answers while a worker is killed, and memory. docs/self-host.md has the last figures.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createRedisServer } from 'js-redis-server';
import { buildSelfHosted } from '../dev/build-selfhost.ts';
import { readApiConfig } from '../src/config/read.ts';
import { freePort } from '../tooling/free-port.ts';
import { login, me, refresh, repeated } from './asks.ts';
import { makePerson, openSessions } from './people.ts';
import { median, quantile } from './report.ts';
import { benchSettings } from './settings.ts';
import { startLoad } from './stage.ts';
import { startStores } from './stores.ts';
import { startWorkerd } from './workerd.ts';

const ROUNDS = 3;
const LOGINS = 16;
const REFRESHES = 160;
/** No worker refuses a login, since so many may wait in each. */
const AT_ONCE = 4;

type Service = { url: string; child?: ChildProcess; pids: Map<string, number>; stop(): Promise<unknown> };

const release = mkdtempSync(join(tmpdir(), 'gatehouse-bench-release-'));
buildSelfHosted(release);
const load = startLoad();
const stores = await startStores();
const redis = await createRedisServer({ port: 0 });
const database = await stores.database('selfhosted');
// A busy machine must be slow here, and not refuse.
const settings = { ...benchSettings(), DATABASE_TIMEOUT_MS: '30000' };
const config = readApiConfig({ ...settings, ...stores.bindings, DATABASE_URL: database.url });

async function selfHosted(workers: number): Promise<Service> {
  const port = await freePort();
  const env = {
    ...settings,
    DATABASE_URL: database.url,
    JOBS_DATABASE_URL: database.url,
    POSTGRES_TLS: 'off',
    REDIS_URL: `redis://127.0.0.1:${redis.port}`,
    RESEND_API_KEY: 'bench',
    RESEND_BASE_URL: 'http://127.0.0.1:1',
    LISTEN: `127.0.0.1:${port}`,
    WORKERS: String(workers),
    RUN_FOLDER: mkdtempSync(join(tmpdir(), 'gatehouse-bench-run-')),
  };
  const child = spawn(process.execPath, [join(release, 'bin/gatehouse.js')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  });
  process.once('exit', () => child.kill('SIGTERM'));
  const pids = new Map([['supervisor', child.pid ?? 0]]);
  await new Promise<void>((ready) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { event, child: name, pid } = JSON.parse(line);
      if (event === 'process.started') pids.set(name, pid);
      if (event === 'service.ready') ready();
    });
  });
  const stop = () => {
    child.kill('SIGTERM');
    return once(child, 'exit');
  };
  return { url: `http://127.0.0.1:${port}`, child, pids, stop };
}

const bindings = { ...settings, ...stores.bindings, DATABASE_URL: database.url };
const plain = await startWorkerd(join(release, 'api'), 'api.js', bindings, stores.queuePort);
const services: Record<string, Service> = {
  'plain workerd': { url: plain.url, pids: new Map(), stop: () => plain.stop() },
  'one worker': await selfHosted(1),
  'two workers': await selfHosted(2),
};
const person = await makePerson(database, plain.url);

const perSecond: Record<string, { logins: number[]; refreshes: number[] }> = {};
for (let round = -1; round < ROUNDS; round++)
  for (const [name, { url }] of Object.entries(services)) {
    const logins = await rate(LOGINS, () => load.good(url, repeated(login(person), LOGINS), AT_ONCE));
    const sessions = await openSessions(database, config, person.id, REFRESHES);
    const refreshes = await rate(REFRESHES, () => load.good(url, sessions.map(refresh), 4 * AT_ONCE));
    if (round < 0) continue;
    perSecond[name] ??= { logins: [], refreshes: [] };
    perSecond[name].logins.push(logins);
    perSecond[name].refreshes.push(refreshes);
  }
for (const [name, { logins, refreshes }] of Object.entries(perSecond))
  console.log(
    `${name}: ${median(logins).toFixed(1)} logins/s, ${median(refreshes).toFixed(0)} refreshes/s, ${memoryOf(services[name])}`,
  );

// The logins above have ended the oldest sessions of that person.
const asker = await makePerson(database, plain.url);
const { url = '', pids = new Map<string, number>() } = services['two workers'] ?? {};
console.log(`GET /me, undisturbed: ${await whileAsking(() => {})}`);
console.log(
  `GET /me, a worker killed: ${await whileAsking(() => process.kill(pids.get('api-0') ?? 0, 'SIGKILL'))}`,
);

for (const service of Object.values(services)) await service.stop();
load.stop();
await redis.close();
await stores.close();
rmSync(release, { recursive: true });

async function rate(count: number, work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return count / ((performance.now() - started) / 1_000);
}

/** Eight clients for six seconds; after one of them, `disturb`. */
async function whileAsking(disturb: () => void): Promise<string> {
  const { url: path, headers = {} } = me(asker);
  const until = Date.now() + 6_000;
  const took: number[] = [];
  let failed = 0;
  setTimeout(disturb, 1_000);
  const client = async () => {
    while (Date.now() < until) {
      const started = performance.now();
      const isAnswered = await fetch(url + path, { headers }).then(
        (response) => response.text().then(() => response.ok),
        () => false,
      );
      took.push(performance.now() - started);
      if (!isAnswered) failed += 1;
    }
  };
  await Promise.all(Array.from({ length: 8 }, client));
  const [p50, p99, most] = [quantile(took, 0.5), quantile(took, 0.99), quantile(took, 1)];
  return `p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)}, at most ${most.toFixed(0)} ms; ${failed} of ${took.length} failed`;
}

/** Each page is counted once, however many processes map it. */
function memoryOf(service: Service | undefined): string {
  const parts = [...(service?.pids ?? [])].map(([name, pid]) => {
    const [, kib = 0] = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? [];
    return [name, Number(kib) / 1_024] as const;
  });
  if (parts.length === 0) return `${plain.peakMiB().toFixed(0)} MiB at most`;
  const sum = parts.reduce((total, [, mib]) => total + mib, 0);
  return `${sum.toFixed(0)} MiB (${parts.map(([name, mib]) => `${name} ${mib.toFixed(0)}`).join(', ')})`;
}
