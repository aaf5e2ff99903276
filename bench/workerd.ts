/** A bundle in plain workerd: starts it, reads how much CPU and memory the process has used, and stops it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../tooling/free-port.ts';

export type Target = {
  url: string;
  /** From the start of the process to its first answer. */
  startMs: number;
  cpuMs(): number;
  /** The most memory that it has held. */
  peakMiB(): number;
  stop(): Promise<void>;
};

/** The process itself, whose CPU time is read: the command of the same name is a script that starts it. */
const { default: workerd } = createRequire(import.meta.url)('workerd') as { default: string };
const NO_ASSETS = 'export default { fetch: () => new Response(null, { status: 404 }) };';

export async function startWorkerd(
  bundle: string,
  entry: string,
  bindings: Record<string, string>,
  queuePort: number,
): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  const port = await freePort();
  const file = join(folder, 'config.capnp');
  const modules = globSync('*.js', { cwd: bundle });
  // workerd looks for an embedded file beside the configuration.
  for (const module of modules) copyFileSync(join(bundle, module), join(folder, module));
  const ordered = modules.toSorted((module) => (module === entry ? -1 : 1));
  writeFileSync(file, configOf(ordered, bindings, { port, queuePort }));
  const started = performance.now();
  const child = spawn(workerd, ['serve', file], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  await untilAnswering(url, child);
  const startMs = performance.now() - started;
  return {
    url,
    startMs,
    cpuMs: () => cpuMsOf(child.pid ?? 0),
    peakMiB: () => peakMiBOf(child.pid ?? 0),
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
      rmSync(folder, { recursive: true });
    },
  };
}

async function untilAnswering(url: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const response = await fetch(`${url}/health/live`).catch(() => undefined);
    await response?.text();
    if (response?.ok) return;
    await sleep(1);
  }
  throw new Error('workerd ended before it answered');
}

/** CPU time of all its threads, as the scheduler counts it, in nanoseconds. */
function cpuMsOf(pid: number): number {
  const spent = globSync(`/proc/${pid}/task/*/schedstat`).map((file) =>
    Number(readFileSync(file, 'utf8').split(' ')[0]),
  );
  return spent.reduce((sum, one) => sum + one, 0) / 1e6;
}

function peakMiBOf(pid: number): number {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) / 1_024;
}

function configOf(
  files: string[],
  bindings: Record<string, string>,
  { port, queuePort }: { port: number; queuePort: number },
): string {
  const text = JSON.stringify;
  const modules = files.map((name) => `(name = ${text(name)}, esModule = embed ${text(name)})`);
  const values = Object.entries(bindings).map(
    ([name, value]) => `(name = ${text(name)}, text = ${text(value)})`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [${modules.join(', ')}],
      compatibilityDate = "2026-10-01",
      bindings = [${[...values, '(name = "MAIL_QUEUE", queue = "queue")', '(name = "ASSETS", service = "no-assets")'].join(', ')}],
      globalOutbound = "network",
    )),
    (name = "no-assets", worker = (
      modules = [(name = "no-assets.js", esModule = ${text(NO_ASSETS)})],
      compatibilityDate = "2026-10-01",
    )),
    (name = "queue", external = (address = "127.0.0.1:${queuePort}", http = ())),
    (name = "network", network = (allow = ["private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`;
}
