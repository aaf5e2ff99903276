/**
 * `keys make|rotate|retire`: prints new values of secrets, as lines for .dev.vars and `wrangler secret bulk`. The
 * present values are read from --from and from nowhere else. Nothing is changed anywhere: you set what is printed.
 */
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { parseEnv } from 'node:util';
import { Argument, type Command } from 'commander';
import { type KeyName, keyKinds, retireAfter } from '../tooling/key-values.ts';
import { messageOf, UserError } from '../tooling/user-error.ts';
import { answer, type Output } from './command.ts';

type Options = { all?: true; from?: string };
type Verb = 'make' | 'rotate' | 'retire';

const names = Object.keys(keyKinds) as KeyName[];
const descriptions: Record<Verb, string> = {
  make: 'new values, for a new installation',
  rotate: 'a new key in front; what the old ones made goes on counting',
  retire: 'the newest key alone, once nothing alive depends on an older one',
};

export function addKeys(program: Command): void {
  const keys = program.command('keys').description('make, rotate and retire the secrets of the service');
  for (const verb of ['make', 'rotate', 'retire'] as const) {
    const command = keys.command(verb).description(descriptions[verb]);
    command.addArgument(new Argument('[names...]', 'which secrets').choices(names));
    command.option('--all', 'all of them');
    if (verb !== 'make') {
      command.requiredOption('--from <file>', 'the present values, as NAME=value lines; - is standard input');
    }
    answer<Options, [KeyName[]?]>(command, async (output, options, chosen = []) =>
      print(output, verb, options, chosen),
    );
  }
}

async function print(
  output: Output,
  verb: Verb,
  { all, from }: Options,
  chosen: KeyName[],
): Promise<unknown> {
  if (Boolean(all) === chosen.length > 0)
    output.refuse(`name the secrets (${names.join(', ')}), or say --all`);
  const present = from === undefined ? {} : await readValues(from);
  // All values are made before the first is printed: half a rotation must not be printed.
  const values = (all ? names : chosen).map((name) => [name, next(verb, name, present)] as const);
  for (const [name, value] of values) {
    output.line(`${name}=${quoted(value)}`);
    if (verb === 'rotate') output.note(`${name}: ${afterRotating(name)}.`);
  }
  return Object.fromEntries(values);
}

function afterRotating(name: KeyName): string {
  const end = retireAfter[name];
  return end ? `retire after ${end}` : 'is never rotated, and is printed as it was';
}

function next(verb: Verb, name: KeyName, present: NodeJS.Dict<string>): string {
  if (verb === 'make') return keyKinds[name].make();
  const value = present[name];
  if (!value) throw new UserError(`${name} is not among the present values.`);
  try {
    return keyKinds[name][verb](value);
  } catch (error) {
    // The message of a parser would quote the secret.
    throw new UserError(`${name} ${error instanceof SyntaxError ? 'is not JSON' : messageOf(error)}.`);
  }
}

/** `NAME=value` lines of a file, or of standard input for `-`. */
export async function readValues(from: string): Promise<NodeJS.Dict<string>> {
  const values = parseEnv(from === '-' ? await text(process.stdin) : readFile(from));
  if (Object.keys(values).length > 0) return values;
  throw new UserError(`There are no values in ${from === '-' ? 'standard input' : from}.`);
}

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UserError(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code}.`);
  }
}

/** JSON has double quotes, which .dev.vars accepts inside of single quotes. */
function quoted(value: string): string {
  return value.startsWith('{') ? `'${value}'` : value;
}
