/**
 * A loopback port that nobody listens on, and that no other call gives away while this process lives: the UDP port of the
 * same number is held as a mark. It is below those that the system gives to connections (32768 and up on Linux), so that
 * no connection takes it before its owner listens.
 */
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

const [LOWEST, HIGHEST] = [20_000, 32_000];

export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST, HIGHEST);
    if ((await isMarked(port)) && (await isFree(port))) return port;
  }
}

/** The kernel gives the mark to one process, and takes it back when that one ends. Where there is no UDP, it goes without. */
function isMarked(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const mark = createSocket('udp4').unref();
    mark.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'EADDRINUSE'));
    mark.bind({ port, address: '127.0.0.1', exclusive: true }, () => resolve(true));
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
