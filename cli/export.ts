/**
 * `export`: everybody with an account, one JSON object a line, as docs/import.md describes it. `import --from gatehouse`
 * reads it. It needs the role that owns the tables: no role of a Worker or of an operator may read so much.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs';
import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import { openSecret } from '../src/factor/totp.ts';
import { type KeyRing, parseKeyRing } from '../src/lib/key-ring.ts';
import type { Db } from '../src/store/db.ts';
import { countPeople, listPeople } from '../src/store/people-export.ts';
import { messageOf, UserError } from '../tooling/user-error.ts';
import { answer, type Output } from './command.ts';
import { withDatabase } from './database.ts';

type Options = { withPasswords?: true; withFactors?: true; resume?: true };
type Exported = Awaited<ReturnType<typeof listPeople>>[number];
type Writing = {
  db: Db;
  file: number;
  start: string;
  withPasswords: boolean;
  factorSecrets: KeyRing | undefined;
};

const FIRST = '00000000-0000-0000-0000-000000000000';
/** A line is much shorter: its end is looked for in this much of the file. */
const TAIL_BYTES = 65_536;

export function addExport(program: Command): void {
  const command = program
    .command('export')
    .description('write everybody with an account into a file, one JSON object a line (docs/import.md)')
    .argument('<file>')
    .option(
      '--with-passwords',
      'with the password records; only a Gatehouse with the same secrets can read them',
    )
    .option('--with-factors', 'with the secrets of authenticator apps, in plain; needs FACTOR_SECRETS')
    .option('--resume', 'go on after the last whole line of the file');
  answer<Options, [string]>(command, async (output, options, path) =>
    withDatabase((db) => exportPeople(output, db, options, path)),
  );
}

async function exportPeople(output: Output, db: Db, options: Options, path: string): Promise<unknown> {
  const factorSecrets = options.withFactors ? readFactorSecrets() : undefined;
  if (existsSync(path) !== (options.resume === true))
    throw new UserError(
      options.resume ? `${path} is not there.` : `${path} is there already: add --resume to go on with it.`,
    );
  const start = options.resume ? lastIdOf(path) : FIRST;
  // Others on this machine must not read it.
  const file = openSync(path, 'a', 0o600);
  try {
    const people = await writePeople({
      db,
      file,
      start,
      withPasswords: options.withPasswords === true,
      factorSecrets,
    });
    fsyncSync(file);
    output.line(`${people} people written to ${path}.`);
    return { people, path };
  } finally {
    closeSync(file);
  }
}

async function writePeople({ db, file, start, withPasswords, factorSecrets }: Writing): Promise<number> {
  // Shows nothing when the output is no terminal.
  const bar = new SingleBar({
    stream: process.stderr,
    format: '{bar} {value} of {total} people | {eta_formatted} left',
  });
  bar.start(await countPeople(db, start), 0);
  let [people, after] = [0, start];
  try {
    for (let page = await listPeople(db, after); page.length > 0; page = await listPeople(db, after)) {
      const lines = await Promise.all(page.map((one) => lineOf(one, withPasswords, factorSecrets)));
      writeSync(file, lines.join(''));
      people += page.length;
      after = page.at(-1)?.id ?? after;
      bar.update(people);
    }
  } finally {
    bar.stop();
  }
  return people;
}

async function lineOf(one: Exported, withPasswords: boolean, keys: KeyRing | undefined): Promise<string> {
  const { passwordHash, totpSealed, totpKeyId, createdAt, ...rest } = one;
  const person = { ...rest, emailVerified: true, createdAt: createdAt.toISOString() };
  const secret =
    keys && totpSealed && totpKeyId ? await totpOf(one.id, totpSealed, totpKeyId, keys) : undefined;
  return `${JSON.stringify({
    ...person,
    ...(withPasswords && { passwordHash }),
    ...(secret && { totpSecret: secret }),
    // Whoever takes these people in must know that a second factor is owed.
    hasTotp: totpSealed !== null,
  })}\n`;
}

async function totpOf(id: string, sealed: string, keyId: string, keys: KeyRing): Promise<string> {
  const bytes = new Uint8Array(Buffer.from(sealed, 'hex'));
  const secret = await openSecret(keys, { keyId, bytes }, id);
  if (secret === undefined)
    throw new UserError(`FACTOR_SECRETS do not open the secret of ${id} (key ${keyId}).`);
  return toBase32(secret);
}

/** RFC 4648 section 6, without padding. */
function toBase32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups
    .map((group) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(group.padEnd(5, '0'), 2)])
    .join('');
}

function readFactorSecrets(): KeyRing {
  try {
    return parseKeyRing(process.env.FACTOR_SECRETS ?? '');
  } catch (error) {
    throw new UserError(`--with-factors needs FACTOR_SECRETS, which ${messageOf(error)}.`);
  }
}

/** Cuts off a line that was not written to its end, and gives the id of the one before. */
function lastIdOf(path: string): string {
  const { size } = statSync(path);
  const file = openSync(path, 'r+');
  try {
    const length = Math.min(size, TAIL_BYTES);
    const tail = Buffer.alloc(length);
    readSync(file, tail, 0, length, size - length);
    const end = tail.lastIndexOf(10) + 1;
    if (end === 0 && size > length) throw new UserError(`${path} is no export: it has no lines.`);
    ftruncateSync(file, size - length + end);
    if (end === 0) return FIRST;
    const line = tail.subarray(tail.subarray(0, end - 1).lastIndexOf(10) + 1, end).toString();
    return idIn(line, path);
  } finally {
    closeSync(file);
  }
}

function idIn(line: string, path: string): string {
  try {
    const { id } = JSON.parse(line) as { id?: unknown };
    if (typeof id === 'string' && /^[0-9a-f-]{36}$/.test(id)) return id;
  } catch {
    // Not JSON: the same as JSON without an id.
  }
  throw new UserError(`${path} is no export: its last line has no id.`);
}
