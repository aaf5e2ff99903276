/** An operator's command, with an environment that holds nothing but what is given. */
import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { vi } from 'vitest';
import { runCommand } from '../../cli/run.ts';

export type Ended = { status: number | null; stdout: string; stderr: string };
type Surroundings = { env?: NodeJS.Dict<string>; input?: string };

/** In this process, which takes a tenth of the time; one at a time. */
export async function cli(words: string[], { env = {}, input = '' }: Surroundings = {}): Promise<Ended> {
  const { env: before, exitCode, stdin } = process;
  const said = { stdout: '', stderr: '' };
  const written = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((part) => {
      said[name] += part;
      return true;
    }),
  );
  const lines = (
    [
      ['log', 'stdout'],
      ['error', 'stderr'],
    ] as const
  ).map(([method, name]) =>
    vi.spyOn(console, method).mockImplementation((line: string) => {
      said[name] += `${line}\n`;
    }),
  );
  const given = Readable.from([input]);
  Object.defineProperty(process, 'stdin', { value: given, configurable: true });
  process.env = { PATH: before.PATH, ...env };
  process.exitCode = undefined;
  try {
    await runCommand(words);
    return { status: Number(process.exitCode ?? 0), ...said };
  } finally {
    Object.defineProperty(process, 'stdin', { value: stdin, configurable: true });
    Object.assign(process, { env: before, exitCode });
    for (const spy of [...written, ...lines]) spy.mockRestore();
  }
}

/** As a process of its own, in a checkout of its own if it is named. */
export async function cliProcess(
  words: string[],
  { env = {}, input = '', cwd }: Surroundings & { cwd?: string } = {},
): Promise<Ended> {
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
