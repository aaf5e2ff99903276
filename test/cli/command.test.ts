/** What holds for every command of an operator: help does nothing else, and what is not understood does nothing. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { type Command, CommanderError } from 'commander';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createProgram } from '../../cli/program.ts';
import { cli, cliProcess } from '../support/cli.ts';

const leavesOf = (command: Command, path: string[] = []): string[][] =>
  command.commands.length === 0
    ? [path]
    : command.commands.flatMap((one) => leavesOf(one, [...path, one.name()]));
const commands = leavesOf(await createProgram());

/** Where a database, a mailbox or an API would be: whoever comes is counted. */
let anything: Server;
let visits = 0;
let env: Record<string, string>;
beforeAll(async () => {
  anything = createServer((visitor) => {
    visits += 1;
    visitor.destroy();
  }).listen(0, '127.0.0.1');
  await once(anything, 'listening');
  const { port } = anything.address() as { port: number };
  const DATABASE_URL = `postgresql://owner:x@127.0.0.1:${port}/gatehouse`;
  env = { DATABASE_URL, MIGRATE_DATABASE_URL: DATABASE_URL, SMOKE_MAILBOX: `http://127.0.0.1:${port}` };
});
afterAll(() => anything.close());

test('there are the commands that the documents name', () => {
  expect(commands.map((words) => words.join(' ')).sort()).toEqual([
    'deploy',
    'export',
    'import',
    'keys make',
    'keys retire',
    'keys rotate',
    'mail list',
    'mail preview',
    'mail replay',
    'mail show',
    'mail unsuppress',
    'migrate check',
    'migrate create',
    'migrate down',
    'migrate status',
    'migrate up',
    'roles',
    'self-host init',
    'self-host prepare',
    'smoke',
    'users delete',
    'users disable',
    'users enable',
    'users export',
    'users find',
    'users keep-factor',
    'users logout',
    'users logout-all',
    'users remove-factor',
    'users resend',
    'users reset',
    'users show',
    'users suppress',
    'users unlock',
    'users unsuppress',
  ]);
});

test.each(commands.map((words) => [words.join(' '), words] as const))(
  '%s: --help shows how it is used and does nothing else',
  async (name, words) => {
    const { status, stdout, stderr } = await cli([...words, 'one', '--json', '--help'], { env });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(`Usage: npm run cli -- ${name} [options]`);
    expect(visits).toBe(0);
  },
);

test.each(commands.map((words) => [words.join(' '), words] as const))(
  '%s: what it does not know is refused',
  async (_, words) => {
    const { status, stdout, stderr } = await cli([...words, '--hepl'], { env });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^error: .+\n/);
    const tooMuch = (await createProgram()).parseAsync([...words, ...'abcd'], { from: 'user' });
    await expect(tooMuch).rejects.toBeInstanceOf(CommanderError);
    expect(visits).toBe(0);
  },
);

test.each([[[]], [['nonsense']], [['migrate']], [['migrate', 'sideways']]])(
  '%j names no command',
  async (words) => {
    expect(await cliProcess(words, { env })).toMatchObject({ status: 2, stdout: '' });
  },
);
