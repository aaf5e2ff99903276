/** The self-hosted service as its image runs it, from a release that was built, on a database and a Redis of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRedisServer } from 'js-redis-server';
import { inject } from 'vitest';
import { migratePostgres } from '../../dev/migrate.ts';
import { redisBackend } from '../../selfhost/gateway/redis.ts';
import { keyKinds } from '../../tooling/key-values.ts';
import { freePorts } from './command.ts';
import { ownDatabase } from './own-database.ts';
import { untilAnswering } from './real-redis.ts';

type Line = { time: string; level: string; process: string; event: string; [field: string]: unknown };

export type SelfHosted = {
  url: string;
  pid: number;
  lines: Line[];
  /** Waits for the `count`th line with this event. */
  said(event: string, count?: number): Promise<Line>;
  /** The process of a child that started last. */
  pidOf(child: string): number;
  signal(name: NodeJS.Signals): void;
  /** The exit code of the service. */
  ended: Promise<number | null>;
};

const WAIT_MS = 60_000;

export async function startSelfHosted(
  release: string,
  values: Record<string, string>,
  /** How an image starts it. */
  imaged?: (env: Record<string, string>) => string[],
): Promise<SelfHosted> {
  const runFolder = mkdtempSync(join(tmpdir(), 'gatehouse-run-'));
  const [port = 0] = await freePorts(1);
  const env = { LISTEN: `0.0.0.0:${port}`, ...values };
  const [program = '', ...args] = imaged?.(env) ?? [process.execPath, join(release, 'bin/gatehouse.js')];
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: imaged ? process.env : { RUN_FOLDER: runFolder, ...env },
  });
  const lines: Line[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line)));
  const ended = once(child, 'exit').then(([code]) => {
    rmSync(runFolder, { recursive: true, force: true });
    return code as number | null;
  });
  const of = (event: string) => lines.filter((line) => line.event === event);
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    lines,
    ended,
    async said(event, count = 1) {
      for (const deadline = Date.now() + WAIT_MS; Date.now() < deadline; await sleep(20)) {
        const line = of(event)[count - 1];
        if (line) return line;
        if (child.exitCode !== null) break;
      }
      throw new Error(`no ${event}:\n${lines.map((line) => JSON.stringify(line)).join('\n')}`);
    },
    pidOf: (name) => Number(of('process.started').findLast(({ child: started }) => started === name)?.pid),
    signal(name) {
      if (child.exitCode === null) process.kill(Number(of('service.ready')[0]?.pid ?? child.pid), name);
    },
  };
}

/** The TCP sockets on which a process listens. */
export function listeningOf(pid: number): { port: number; isLoopback: boolean }[] {
  const inodes = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [/^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1]];
    } catch {
      return [];
    }
  });
  return ['tcp', 'tcp6'].flatMap((table) => {
    const rows = readFileSync(`/proc/net/${table}`, 'utf8').trim().split('\n').slice(1);
    return rows
      .map((row) => row.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === '0A' && inodes.includes(inode))
      .map(([, local = '']) => {
        const [address = '', port = ''] = local.split(':');
        return { port: Number.parseInt(port, 16), isLoopback: /^(0100007F|0{24}01000000)$/.test(address) };
      });
  });
}

/** What it needs beside it, and the settings that lead there. */
export async function surroundings() {
  const database = await ownDatabase();
  await migratePostgres(database.url, false);
  const redis = await createRedisServer({ port: 0 });
  const redisUrl = `redis://127.0.0.1:${redis.port}`;
  await warm(redisUrl);
  const { RESEND_BASE_URL } = inject('env');
  const keys = Object.fromEntries(Object.entries(keyKinds).map(([name, { make }]) => [name, make()]));
  return {
    database,
    settings: {
      ...keys,
      DATABASE_URL: database.url,
      JOBS_DATABASE_URL: database.url,
      POSTGRES_TLS: 'off',
      REDIS_URL: redisUrl,
      RESEND_BASE_URL,
      RESEND_API_KEY: 're_test',
      RESEND_WEBHOOK_SECRET: 'off',
      PASSWORD_SCRYPT_COSTS: 'ln=10,r=8,p=1',
      LIMITS: 'signup=1000/3600;login=1000/900',
      // A busy machine is no database that is down.
      DATABASE_TIMEOUT_MS: '20000',
    },
    async close() {
      await redis.close();
      await database.drop();
    },
  };
}

/** Its first script is slow, and the limiter waits only for a short time. */
async function warm(url: string): Promise<void> {
  const backend = redisBackend({ url, timeoutMs: WAIT_MS });
  await untilAnswering(backend);
  await backend.command('EVAL', 'return 1', '0');
  backend.close();
}
