/**
 * A real Postgres for one run of the tests: own folder, own port, loopback only. Its life hangs on a pipe to this
 * process, so however the run ends (even by SIGKILL) the server stops and its folder goes.
 */
import { type ChildProcessByStdio as Child, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { copyPostgres, giveAway } from './postgres-binaries.ts';

const run = promisify(execFile);
const START_TIMEOUT_MS = 20_000;

// The data need not survive anything: speed before safety.
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
};

// $1 is the folder, the rest is the server's command line. The end of stdin asks for a fast shutdown.
const KEEPER = `
folder=$1; shift
exec 3<&0
"$@" >"$folder/log" 2>&1 &
server=$!
{ cat; kill -INT "$server"; } <&3 >/dev/null 2>&1 &
wait "$server" || tail -n 20 "$folder/log" >&2
rm -rf "$folder"
`;

export type PostgresServer = { connectionString: string; stop(): Promise<void> };
type Keeper = Child<Writable, null, Readable>;
type User = { uid: number; gid: number };

export async function startPostgres(): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-postgres-'));
  try {
    const password = randomBytes(18).toString('base64url');
    const user = process.getuid?.() === 0 ? await lookUpNobody() : {};
    await initialise(folder, password, user);
    const port = await freePort();
    const keeper = spawnKeeper(folder, port, user);
    const connectionString = `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`;
    await untilAnswering(connectionString, keeper);
    return { connectionString, stop: () => stop(keeper) };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Postgres refuses to run as root, so root runs it as the user who owns nothing. */
async function lookUpNobody(): Promise<User> {
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, 'nobody'])));
  return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
}

async function initialise(folder: string, password: string, user: Partial<User>): Promise<void> {
  await copyPostgres(folder);
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user.uid !== undefined && user.gid !== undefined) await giveAway(folder, user.uid, user.gid);
  const options = [
    ...['--pgdata', join(folder, 'data'), '--no-sync', '--no-instructions'],
    ...['--username', 'postgres', '--auth', 'scram-sha-256', '--pwfile', passwordFile],
    // Neon's own default: the same order and the same lower() on every machine.
    ...['--encoding', 'UTF8', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8', '--locale', 'C'],
  ];
  await run(join(folder, 'native', 'bin', 'initdb'), options, surroundings(folder, user));
}

/** The child must neither stand in a folder it may not enter nor obey the caller's PG* variables. */
function surroundings(folder: string, user: Partial<User>) {
  return { ...user, cwd: folder, env: { PATH: process.env.PATH } };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

function spawnKeeper(folder: string, port: number, user: Partial<User>): Keeper {
  const settings = Object.entries({ ...SETTINGS, port }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const server = [join(folder, 'native', 'bin', 'postgres'), '-D', join(folder, 'data'), ...settings];
  return spawn('sh', ['-c', KEEPER, 'keeper', folder, ...server], {
    ...surroundings(folder, user),
    stdio: ['pipe', 'ignore', 'pipe'],
    // Ctrl-C in the terminal is for the test runner, which then stops the server in its turn.
    detached: true,
  });
}

async function untilAnswering(connectionString: string, keeper: Keeper): Promise<void> {
  const complaint = text(keeper.stderr);
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(connectionString))) {
    if (keeper.exitCode === null && Date.now() < deadline) {
      await sleep(25);
      continue;
    }
    await stop(keeper);
    throw new Error(`Postgres did not start.\n${await complaint}`);
  }
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new Client({ connectionString });
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

async function stop(keeper: Keeper): Promise<void> {
  const exited = keeper.exitCode === null ? once(keeper, 'exit') : null;
  keeper.stdin.destroy();
  await exited;
}
