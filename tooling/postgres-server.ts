/**
 * Starts a real Postgres on loopback with its own port: one for a run of the tests, one for the local stack. It is
 * connected to this process by a pipe. So however this process ends (even by SIGKILL), the server stops cleanly.
 */
import { type ChildProcessByStdio as Child, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { freePort } from './free-port.ts';
import { copyPostgres } from './postgres-binaries.ts';
import { chooseUser, command, giveAway, type User } from './postgres-user.ts';
import { untilStopped } from './postmaster-pid.ts';

const START_TIMEOUT_MS = 60_000;

const SETTINGS = { listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: '200' };

/** For data that may be lost: speed instead of safety. */
const FORGETFUL = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

// A small shell process that stops the server when this process ends: then its stdin ends too, and it asks Postgres for a
// fast shutdown. $1 is the folder, $2 says whether it is removed afterwards, the rest is the command line of the server.
const SUPERVISE = `
folder=$1; keeping=$2; shift 2
exec 3<&0
"$@" >"$folder/log" 2>&1 &
server=$!
{ cat; kill -INT "$server"; } <&3 >/dev/null 2>&1 &
wait "$server" || tail -n 20 "$folder/log" >&2
[ "$keeping" = keep ] || rm -rf "$folder"
`;

export type PostgresServer = { connectionString: string; stop(): Promise<void> };
type Supervisor = Child<Writable, null, Readable>;

/**
 * With `kept`, a folder that only one process uses at a time, the data stay there for the next start. Without it, the
 * server gets a temporary folder.
 */
export async function startPostgres(kept?: string): Promise<PostgresServer> {
  const folder = kept ?? (await mkdtemp(join(tmpdir(), 'gatehouse-postgres-')));
  try {
    await mkdir(folder, { recursive: true });
    const bin = join(await copyPostgres(folder), 'bin');
    const user = await chooseUser(folder);
    // First: the files of a server that is stopping go while they are handed over.
    await untilStopped(join(folder, 'data'));
    const password = await initialise(folder, bin, user);
    const port = await freePort();
    const settings = { ...SETTINGS, ...(!kept && FORGETFUL), port };
    const supervisor = spawnSupervisor(
      folder,
      kept ? 'keep' : 'remove',
      join(bin, 'postgres'),
      settings,
      user,
    );
    const connectionString = `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`;
    await untilAnswering(connectionString, supervisor);
    return { connectionString, stop: () => stop(supervisor) };
  } catch (error) {
    if (!kept) await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The data folder gets its name when it is complete. If its creation was interrupted, it is created again. */
async function initialise(folder: string, bin: string, user: User): Promise<string> {
  const [data, unfinished, passwordFile] = ['data', 'data.new', 'password'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const isNew = !existsSync(data);
  if (isNew) {
    await rm(unfinished, { recursive: true, force: true });
    await writeFile(passwordFile, randomBytes(18).toString('base64url'), { mode: 0o600 });
  }
  await giveAway(folder, user);
  if (isNew) {
    const options = [
      ...['--pgdata', unfinished, '--no-sync', '--no-instructions'],
      ...['--username', 'postgres', '--auth', 'scram-sha-256', '--pwfile', passwordFile],
      // The default of Neon: the same order and the same lower() on every machine.
      ...[
        '--encoding',
        'UTF8',
        '--locale-provider',
        'builtin',
        '--builtin-locale',
        'C.UTF-8',
        '--locale',
        'C',
      ],
    ];
    await run(folder, [join(bin, 'initdb'), ...options], user);
    await rename(unfinished, data);
  }
  return readFile(passwordFile, 'utf8');
}

async function run(folder: string, line: string[], user: User): Promise<void> {
  const [file = '', ...args] = command(line, user);
  await new Promise<void>((done, failed) => {
    execFile(file, args, surroundings(folder, user), (error) => (error ? failed(error) : done()));
  });
}

/** The child must not start in a folder that it may not enter, and must not use the PG* variables of the caller. */
function surroundings(folder: string, { ids }: User) {
  return { ...ids, cwd: folder, env: { PATH: process.env.PATH } };
}

function spawnSupervisor(
  folder: string,
  afterwards: 'keep' | 'remove',
  postgres: string,
  settings: Record<string, string | number>,
  user: User,
): Supervisor {
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = [postgres, '-D', join(folder, 'data'), ...options];
  const [file = '', ...args] = command(
    ['sh', '-c', SUPERVISE, 'supervisor', folder, afterwards, ...server],
    user,
  );
  return spawn(file, args, {
    ...surroundings(folder, user),
    stdio: ['pipe', 'ignore', 'pipe'],
    // Ctrl-C in the terminal is for this process, which then stops the server in its turn.
    detached: true,
  });
}

async function untilAnswering(connectionString: string, supervisor: Supervisor): Promise<void> {
  const complaint = text(supervisor.stderr);
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(connectionString))) {
    if (supervisor.exitCode === null && Date.now() < deadline) {
      await sleep(25);
      continue;
    }
    await stop(supervisor);
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

async function stop(supervisor: Supervisor): Promise<void> {
  const exited = supervisor.exitCode === null ? once(supervisor, 'exit') : null;
  supervisor.stdin.destroy();
  await exited;
}
