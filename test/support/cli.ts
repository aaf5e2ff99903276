/** An operator's command as a process of its own, with an environment that holds nothing but what is given. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

export type Ended = { status: number | null; stdout: string; stderr: string };
type Surroundings = { env?: NodeJS.Dict<string>; input?: string; cwd?: string };

export async function cli(words: string[], { env = {}, input = '', cwd }: Surroundings = {}): Promise<Ended> {
  const child = spawn(process.execPath, ['cli/main.ts', ...words], {
    env: { PATH: process.env.PATH, ...env },
    ...(cwd !== undefined && { cwd }),
  });
  // It may end without reading what it is given.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { status: await ended, stdout, stderr };
}
