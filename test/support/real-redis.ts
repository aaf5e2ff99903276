/** The machine's own redis-server on a socket of its own, for as long as a test file needs it. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, RESP_TYPES } from '@redis/client';
import type { RedisBackend, Reply } from '../../dev/upstash.ts';

const START_LIMIT_MS = 30_000;

export const isRealRedisInstalled = (): boolean =>
  spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;

export async function startRealRedis(): Promise<RedisBackend> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-redis-'));
  const path = join(folder, 'redis.sock');
  const server = spawn('redis-server', ['--port', '0', '--unixsocket', path, '--save', ''], {
    stdio: 'ignore',
  });
  const client = createClient({
    RESP: 2,
    // It is tried until the server, which has just been started, listens.
    socket: { path, tls: false, connectTimeout: START_LIMIT_MS, reconnectStrategy: () => 50 },
  }).on('error', () => {});
  await client.connect();
  // Values are bytes; `OK` and its like are words.
  const raw = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  return {
    command: (name, ...args) => raw.sendCommand<Reply>([name, ...args]),
    close() {
      client.destroy();
      server.kill();
      rmSync(folder, { recursive: true });
    },
  };
}
