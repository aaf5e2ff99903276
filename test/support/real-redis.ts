/** The machine's own redis-server on a socket of its own, for as long as a test file needs it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { redisBackend } from '../../selfhost/gateway/redis.ts';
import type { RedisBackend } from '../../selfhost/gateway/upstash.ts';

const START_LIMIT_MS = 30_000;

export const isRealRedisInstalled = (): boolean =>
  spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;

/** A server that can be stopped, started again on the same socket, and frozen. */
export function redisServer() {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-redis-'));
  const path = join(folder, 'redis.sock');
  let server: ChildProcess | undefined;
  const stop = async () => {
    const exited = server && once(server, 'exit');
    server?.kill('SIGKILL');
    await exited;
  };
  return {
    path,
    start() {
      server = spawn('redis-server', ['--port', '0', '--unixsocket', path, '--save', ''], {
        stdio: 'ignore',
      });
    },
    stop,
    freeze: () => server?.kill('SIGSTOP'),
    thaw: () => server?.kill('SIGCONT'),
    async remove() {
      await stop();
      rmSync(folder, { recursive: true });
    },
  };
}

export async function startRealRedis(): Promise<RedisBackend> {
  const server = redisServer();
  server.start();
  const backend = redisBackend({ url: server.path, timeoutMs: START_LIMIT_MS });
  await untilAnswering(backend);
  return {
    command: backend.command,
    close() {
      backend.close();
      void server.remove();
    },
  };
}

/** It is asked until the server, which has just been started, listens. */
export async function untilAnswering(backend: RedisBackend): Promise<void> {
  for (const deadline = Date.now() + START_LIMIT_MS; Date.now() < deadline; await sleep(25)) {
    const answered = await backend.command('PING').catch(() => undefined);
    if (answered !== undefined) return;
  }
  throw new Error('redis-server does not answer');
}
