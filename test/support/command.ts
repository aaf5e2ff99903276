/** A long-running command in a checkout, as a terminal runs it: in a process group of its own, until Ctrl-C. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../tooling/free-port.ts';

const SAID_WITHIN_MS = 110_000;

export type Command = {
  pid: number;
  output(): string;
  /** Waits for words of its output; throws with all of it when the command ends before. */
  untilSaid(words: string): Promise<void>;
  /** Ctrl-C: the signal goes to every process of the group. Returns when none of them is left. */
  stop(): Promise<void>;
  /** The same without a chance to clean up. */
  kill(): Promise<void>;
};

/** It sees of the environment what every shell has, and `env`. */
export function startCommand(folder: string, line: string[], env: Record<string, string> = {}): Command {
  const [program = '', ...args] = line;
  const child = spawn(program, args, {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const pid = child.pid ?? 0;
  // Not 'exit', which comes while others of the group still write, or hold their ports.
  let isOver = false;
  const closed = once(child, 'close').then(() => {
    isOver = true;
  });
  const end = async (signal: NodeJS.Signals) => {
    if (isOver) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // All of them have just ended.
    }
    await closed;
  };
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  return {
    pid,
    output: () => output,
    async untilSaid(words) {
      const deadline = Date.now() + SAID_WITHIN_MS;
      for (;;) {
        // In this order: what was said at the very end is found.
        const wasOver = isOver;
        if (output.includes(words)) return;
        if (wasOver || Date.now() > deadline)
          throw new Error(`${line.join(' ')} did not say '${words}':\n${output}`);
        await sleep(100);
      }
    },
    stop: () => end('SIGINT'),
    kill: () => end('SIGKILL'),
  };
}

/** Ports of this machine that nobody listens on, and that no other test is given. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}
