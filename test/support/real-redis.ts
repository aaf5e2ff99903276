/** The machine's own redis-server on a socket of its own, for as long as a test file needs it. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisBackend, Reply } from '../../dev/upstash.ts';

export const isRealRedisInstalled = (): boolean =>
  spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;

export async function startRealRedis(): Promise<RedisBackend> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-redis-'));
  const path = join(folder, 'redis.sock');
  const server = spawn('redis-server', ['--port', '0', '--unixsocket', path, '--save', ''], {
    stdio: 'ignore',
  });
  const socket = await connected(path);
  return {
    command: commands(socket),
    close() {
      socket.destroy();
      server.kill();
      rmSync(folder, { recursive: true });
    },
  };
}

async function connected(path: string): Promise<Socket> {
  for (let round = 0; round < 100; round++) {
    const socket = connect(path);
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    if (isOpen) return socket;
    await sleep(50);
  }
  throw new Error('redis-server does not answer.');
}

type Waiting = { resolve(reply: Reply): void; reject(error: Error): void };

/** RESP2: replies come in the order of the commands. */
function commands(socket: Socket): RedisBackend['command'] {
  const waiting: Waiting[] = [];
  let received = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    for (let parsed = parse(received, 0); parsed !== undefined; parsed = parse(received, 0)) {
      received = received.subarray(parsed.end);
      const caller = waiting.shift();
      if (parsed.value instanceof Error) caller?.reject(parsed.value);
      else caller?.resolve(parsed.value);
    }
  });
  return (name, ...args) => {
    const words = [name, ...args].map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
    socket.write(`*${words.length}\r\n${words.join('')}`);
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  };
}

type Parsed = { value: Reply | Error; end: number };

/** Undefined while the reply is incomplete. */
function parse(from: Buffer, start: number): Parsed | undefined {
  const lineEnd = from.indexOf('\r\n', start);
  if (lineEnd === -1) return undefined;
  const line = from.toString('utf8', start + 1, lineEnd);
  const end = lineEnd + 2;
  switch (String.fromCharCode(from[start] ?? 0)) {
    case '+':
      return { value: line, end };
    case '-':
      return { value: new Error(line), end };
    case ':':
      return { value: Number(line), end };
    case '$':
      return bulk(from, Number(line), end);
    default:
      return list(from, Number(line), end);
  }
}

function bulk(from: Buffer, length: number, start: number): Parsed | undefined {
  if (length === -1) return { value: null, end: start };
  const end = start + length + 2;
  return from.length < end ? undefined : { value: from.subarray(start, start + length), end };
}

function list(from: Buffer, length: number, start: number): Parsed | undefined {
  const items: Reply[] = [];
  let end = start;
  for (let index = 0; index < length; index++) {
    const item = parse(from, end);
    if (item === undefined || item.value instanceof Error) return item;
    items.push(item.value);
    end = item.end;
  }
  return { value: items, end };
}
