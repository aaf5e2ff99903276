/** Redis inside this process, with real Lua. It forgets everything when the process ends. */
import { createInMemoryClient } from 'js-redis-server';
import type { RedisBackend, Reply } from '../selfhost/gateway/upstash.ts';

export async function inProcessRedis(): Promise<RedisBackend> {
  const client = await createInMemoryClient({ returnBuffers: true });
  return {
    command: (name, ...args) => client.command(name, ...args) as Promise<Reply>,
    close: () => client.close(),
  };
}
