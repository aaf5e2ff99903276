/**
 * What a server that was killed leaves in its data folder: `postmaster.pid`. Postgres takes it away itself unless a
 * process of the same number lives, which after a restart of a machine or of a container may be anyone.
 */
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server whose owner was killed is given this long to shut down, and this long from closing its port to its end. */
const SHUTDOWN_MS = 20_000;
const LAST_WORK_MS = 3_000;

/** Returns when no server has the folder. The caller holds it, so one that still runs there is on its way out. */
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
