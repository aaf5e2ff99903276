/**
 * Handles the `postmaster.pid` that a killed server leaves in its data folder. Postgres removes it, except when a
 * process with the same number exists. After a restart of the machine or the container that may be any process.
 */
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a server whose owner was killed may take to shut down, and how long from closing its port to its end. */
const SHUTDOWN_MS = 20_000;
const LAST_WORK_MS = 3_000;

/**
 * Returns when no server uses the folder. The caller holds its lock, so a server that still runs there is about to
 * end.
 */
export async function untilStopped(dataFolder: string): Promise<void> {
  const file = join(dataFolder, 'postmaster.pid');
  const deadline = Date.now() + SHUTDOWN_MS;
  let heard = Date.now();
  while (Date.now() < deadline) {
    const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n');
    const [pid, port] = [Number(lines[0]), Number(lines[3])];
    if (!pid || !isAlive(pid)) return;
    if (port && (await isListening(port))) heard = Date.now();
    if (Date.now() - heard > LAST_WORK_MS) return rm(file, { force: true });
    await sleep(50);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function isListening(port: number): Promise<boolean> {
  const visitor = connect(port, '127.0.0.1');
  const isOpen = await once(visitor, 'connect').then(
    () => true,
    () => false,
  );
  visitor.destroy();
  return isOpen;
}
