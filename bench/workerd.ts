/** A bundle in plain workerd: started, asked for its CPU time by the process's own accounting, and stopped. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export type Target = { url: string; startMs: number; cpuMs(): number; stop(): Promise<void> };

/** The kernel counts CPU time in hundredths of a second. */
const TICK_MS = 10;
/** The very process, whose CPU time is asked for: the command of the same name is a script that starts it. */
const { default: workerd } = createRequire(import.meta.url)('workerd') as { default: string };
const SINK = 'export default { fetch: () => new Response(null, { status: 404 }), queue() {} };';

/** `startMs` is from the start of the process to its first answer. */
export async function startWorkerd(
  bundle: string,
  entry: string,
  bindings: Record<string, string>,
): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  const port = await freePort();
  const file = join(folder, 'config.capnp');
  const modules = globSync('*.js', { cwd: bundle });
  // An embedded file is looked for beside the configuration.
  for (const module of modules) copyFileSync(join(bundle, module), join(folder, module));
  const ordered = modules.toSorted((module) => (module === entry ? -1 : 1));
  writeFileSync(file, configOf(ordered, bindings, port));
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

/** User and system time of the process (proc(5), fields 14 and 15). */
function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

function configOf(files: string[], bindings: Record<string, string>, port: number): string {
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
      bindings = [${[...values, '(name = "MAIL_QUEUE", queue = "sink")', '(name = "ASSETS", service = "sink")'].join(', ')}],
      globalOutbound = "network",
    )),
    (name = "sink", worker = (
      modules = [(name = "sink.js", esModule = ${text(SINK)})],
      compatibilityDate = "2026-10-01",
    )),
    (name = "network", network = (allow = ["private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`;
}
