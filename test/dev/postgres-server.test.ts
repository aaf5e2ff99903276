/** The Postgres of the tests and of the local stack: it keeps what it is told to keep, and never outlives its owner. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type PostgresServer, startPostgres } from '../../tooling/postgres-server.ts';

async function ask(connectionString: string, statement: string): Promise<unknown> {
  const client = new Client({ connectionString });
  // A server that is on its way out may take the connection and then cut it.
  client.on('error', () => {});
  await client.connect();
  const { rows } = await client.query(statement).finally(() => client.end());
  return Object.values(rows[0] ?? {})[0];
}
const isUp = (connectionString: string) =>
  ask(connectionString, 'SELECT 1').then(
    () => true,
    () => false,
  );
const untilGone = (connectionString: string) =>
  vi.waitFor(async () => expect(await isUp(connectionString)).toBe(false), { timeout: 80_000 });

/** Starts one in a process of its own, as `npm run dev` is. */
async function startElsewhere(folder?: string) {
  const module = new URL('../../tooling/postgres-server.ts', import.meta.url).href;
  const script = `
    const { startPostgres } = await import(${JSON.stringify(module)});
    console.log((await startPostgres(${JSON.stringify(folder)})).connectionString);
  `;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [connectionString] = (await once(createInterface(owner.stdout), 'line')) as [string];
  return { owner, connectionString };
}

const running = (pids: number[]) => rows().flatMap(({ pid }) => (pids.includes(pid) ? [pid] : []));
const processesOf = (postmaster: number) =>
  rows().flatMap(({ pid, parent }) => (pid === postmaster || parent === postmaster ? [pid] : []));

/** All that run; not those that have ended and that nobody has asked for yet. */
function rows(): { pid: number; parent: number }[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,stat='], { encoding: 'utf8' }).trim().split('\n');
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , state]) => !state?.startsWith('Z'))
    .map(([pid, parent]) => ({ pid: Number(pid), parent: Number(parent) }));
}

// A home that only its owner may enter, and a folder with a space in its name.
let home: string;
let folder: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'gatehouse home '));
  chmodSync(home, 0o700);
  folder = join(home, 'my data');
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

it('is Postgres 18, and gone once stopped', async () => {
  const { connectionString, stop } = await startPostgres();
  expect(await ask(connectionString, 'SHOW server_version_num')).toMatch(/^18/);
  await stop();
  expect(await isUp(connectionString)).toBe(false);
});

it('goes when its owner is killed, and what was kept is there when the next one comes at once', async () => {
  const { owner, connectionString } = await startElsewhere(folder);
  await ask(connectionString, 'CREATE TABLE kept AS SELECT 42 AS answer');
  owner.kill('SIGKILL');
  const next = await startPostgres(folder);
  expect(await ask(next.connectionString, 'SELECT answer FROM kept')).toBe(42);
  expect(await isUp(connectionString)).toBe(false);
  await next.stop();
});

it('starts where a server was killed, though its number belongs to another process by now', async () => {
  const server: PostgresServer = await startPostgres(folder);
  const file = join(folder, 'data/postmaster.pid');
  const lines = readFileSync(file, 'utf8').split('\n');
  const group = processesOf(Number(lines[0]));
  expect(group.length).toBeGreaterThan(1);
  process.kill(Number(lines[0]), 'SIGKILL');
  await untilGone(server.connectionString);
  // Its children notice by themselves, and hold its memory until then.
  await expect.poll(() => running(group)).toEqual([]);
  await server.stop();
  writeFileSync(file, [process.pid, ...lines.slice(1)].join('\n'));

  const next = await startPostgres(folder);
  expect(await ask(next.connectionString, 'SELECT answer FROM kept')).toBe(42);
  await next.stop();
});
