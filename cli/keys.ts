/**
 * `npm run keys -- make|rotate|retire [NAME]`: prints the values of secrets as lines that .dev.vars and
 * `wrangler secret bulk` take. Present values come from a file of such lines on standard input, or else from
 * .dev.vars. Nothing is changed anywhere: what is printed is yours to set.
 */
import { existsSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { parseEnv } from 'node:util';
import { type KeyName, keyKinds, retireAfter } from '../tooling/key-values.ts';
import { devVarsFile } from '../tooling/paths.ts';
import { messageOf } from '../tooling/user-error.ts';

const names = Object.keys(keyKinds) as KeyName[];
const USAGE = `npm run keys -- make|rotate|retire [${names.join('|')}]
rotate and retire read the present values from standard input, or from .dev.vars.`;

const [command, only] = process.argv.slice(2);
if (!isCommand(command) || (only !== undefined && !isName(only))) {
  console.error(USAGE);
  process.exit(1);
}
const chosen = only === undefined ? names : [only];
const present = command === 'make' ? {} : await readPresent();

try {
  // All of them first: half a rotation must not be printed.
  const lines = chosen.map((name) => `${name}=${quoted(next(command, name))}`);
  console.log(lines.join('\n'));
  if (command === 'rotate')
    for (const name of chosen) {
      const after = retireAfter[name];
      console.error(
        `${name}: ${after ? `retire after ${after}` : 'is never rotated, and is printed as it was'}.`,
      );
    }
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

function next(verb: 'make' | 'rotate' | 'retire', name: KeyName): string {
  if (verb === 'make') return keyKinds[name].make();
  const value = present[name];
  if (!value) throw new Error(`${name} is not among the present values.`);
  try {
    return keyKinds[name][verb](value);
  } catch (error) {
    // A parser's message would quote the secret.
    throw new Error(`${name} ${error instanceof SyntaxError ? 'is not JSON' : messageOf(error)}.`);
  }
}

async function readPresent(): Promise<NodeJS.Dict<string>> {
  const piped = process.stdin.isTTY ? '' : await text(process.stdin);
  if (piped.trim() !== '') return parseEnv(piped);
  return existsSync(devVarsFile) ? parseEnv(readFileSync(devVarsFile, 'utf8')) : {};
}

/** JSON holds double quotes, which .dev.vars takes inside single ones. */
function quoted(value: string): string {
  return value.startsWith('{') ? `'${value}'` : value;
}

function isCommand(word: string | undefined): word is 'make' | 'rotate' | 'retire' {
  return word === 'make' || word === 'rotate' || word === 'retire';
}

function isName(word: string): word is KeyName {
  return word in keyKinds;
}
