/**
 * A Redis server behind Upstash's protocol. While it is away, a command fails at once instead of waiting for it: the
 * limiter then counts in Postgres. A connection that no longer answers is replaced.
 */
import { createClient, RESP_TYPES } from '@redis/client';
import type { RedisBackend, Reply } from './upstash.ts';

type Options = {
  /** `redis://` or, with TLS, `rediss://`; or the path of a socket. */
  url: string;
  /** How long a connection may take to open, and a command to be answered. */
  timeoutMs: number;
  /** The certificates that are trusted. Without it: those of Node. */
  ca?: string | undefined;
};

/** More commands than this are not kept waiting. */
const MAX_WAITING = 10_000;
const LONGEST_PAUSE_MS = 2_000;

export function redisBackend(options: Options): RedisBackend {
  let client = open(options);
  const replace = (stuck: typeof client) => {
    if (client !== stuck) return;
    client = open(options);
    stuck.destroy();
  };
  return {
    async command(name, ...args) {
      const asked = client;
      const answer = asked.sendCommand<Reply>([name, ...args]);
      let timer: NodeJS.Timeout | undefined;
      const silence = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          reject(new Error('Redis did not answer in time'));
          replace(asked);
        }, options.timeoutMs);
      });
      return Promise.race([answer, silence]).finally(() => clearTimeout(timer));
    },
    close: () => client.destroy(),
  };
}

function open({ url, timeoutMs, ca }: Options) {
  const pause = (tries: number) => Math.min(50 * 2 ** tries, LONGEST_PAUSE_MS);
  const common = { connectTimeout: timeoutMs, reconnectStrategy: pause };
  const socket = url.startsWith('rediss:')
    ? { ...common, tls: true as const, ...(ca !== undefined && { ca }) }
    : { ...common, tls: false as const };
  const client = createClient({
    RESP: 2,
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_WAITING,
    maintNotifications: 'disabled',
    ...(url.startsWith('/') ? { socket: { ...common, path: url, tls: false } } : { url, socket }),
  }).on('error', () => {});
  // It is tried until it succeeds, or until the client is closed.
  client.connect().catch(() => {});
  // Values are bytes; `OK` and its like are words.
  return client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
}
