/**
 * `import`: moves people in from another system, takes a run back, and says what is left of the old passwords. For the
 * running local stack, or for the database of DATABASE_URL, with the role that owns the tables.
 */
import { readFileSync } from 'node:fs';
import { SingleBar } from 'cli-progress';
import { type Command, Option } from 'commander';
import { validate as isUuid } from 'uuid';
import { parseImportFormats } from '../src/lib/import-formats.ts';
import { type KeyRing, parseKeyRing } from '../src/lib/key-ring.ts';
import type { Db } from '../src/store/db.ts';
import {
  beginUndo,
  countImportedRecords,
  countOfRun,
  finishImport,
  undoPortion,
} from '../src/store/import-ends.ts';
import { listImports } from '../src/store/imports.ts';
import { messageOf, UserError } from '../tooling/user-error.ts';
import { answer, type Output } from './command.ts';
import { withDatabase } from './database.ts';
import { writeFiles } from './import/files.ts';
import type { FirebaseKeys } from './import/hash-text.ts';
import { type ImportJob, importPeople } from './import/run.ts';
import { sources } from './import/sources.ts';

type Options = {
  from?: string;
  dryRun?: true;
  resume?: true;
  undo?: string;
  status?: true;
  formats?: string;
  hashConfig?: string;
  resetOthers?: true;
  dropFactors?: true;
  out: string;
};

export function addImport(program: Command): void {
  const command = program
    .command('import')
    .description('move people in from another system (docs/import.md)')
    .argument('[file]', 'the export of the other system; with .gz it is unpacked')
    .addOption(new Option('--from <source>', 'where the file comes from').choices(Object.keys(sources)))
    .option('--dry-run', 'check every row and count, but change nothing')
    .option('--resume', 'go on with a run of this file that was broken off')
    .option('--undo <run>', 'remove the people of a run whom nobody has used since')
    .option('--status', 'list the runs, and the old passwords that are left')
    .option('--formats <list>', 'the IMPORT_FORMATS of the API; from the environment when it is absent')
    .option('--hash-config <file>', 'of Firebase: the password hash parameters of the project, as JSON')
    .option('--reset-others', 'bring people whose hash is not among the formats without a password')
    .option('--drop-factors', 'leave the secrets of authenticator apps behind')
    .option('--out <folder>', 'where the files of new ids and of rejects go', '.');
  command.addHelpText(
    'after',
    '\nIn the environment: DATABASE_URL, IMPORT_PEPPERS, IMPORT_FORMATS, and FACTOR_SECRETS for apps.',
  );
  answer<Options, [string?]>(command, async (output, options, path) =>
    withDatabase((db) => act(output, db, options, path)),
  );
}

async function act(output: Output, db: Db, options: Options, path: string | undefined): Promise<unknown> {
  if (options.status) return showStatus(output, db);
  if (options.undo !== undefined) return undo(output, db, options.undo);
  if (path === undefined || options.from === undefined)
    output.refuse('say --from SOURCE and a file, --undo RUN, or --status');
  return move(output, db, jobOf(options, options.from, path), options.out);
}

function jobOf(options: Options, source: string, path: string): ImportJob {
  const isDryRun = options.dryRun === true;
  const formats =
    readable('IMPORT_FORMATS', parseImportFormats, options.formats ?? process.env.IMPORT_FORMATS) ?? [];
  const peppers = readable('IMPORT_PEPPERS', parseKeyRing, process.env.IMPORT_PEPPERS);
  if (!isDryRun && peppers === undefined)
    throw new UserError(
      'Set IMPORT_PEPPERS, here and in the API: `npm run keys -- make IMPORT_PEPPERS` makes it.',
    );
  return {
    source,
    path,
    isDryRun,
    isResumed: options.resume === true,
    sourceSettings: {
      firebase: options.hashConfig === undefined ? undefined : firebaseKeys(options.hashConfig),
    },
    settings: {
      formats,
      peppers: isDryRun ? undefined : peppers,
      factorSecrets: readable<KeyRing>('FACTOR_SECRETS', parseKeyRing, process.env.FACTOR_SECRETS),
      resetOthers: options.resetOthers === true,
      dropFactors: options.dropFactors === true,
      now: new Date(),
    },
  };
}

function readable<T>(name: string, parse: (text: string) => T, text: string | undefined): T | undefined {
  if (!text || text === 'off') return undefined;
  try {
    return parse(text);
  } catch (error) {
    throw new UserError(`${name} ${messageOf(error)}.`);
  }
}

/** As the console of Firebase shows them: `base64_signer_key`, `base64_salt_separator`, `rounds`, `mem_cost`. */
function firebaseKeys(path: string): FirebaseKeys {
  try {
    const {
      rounds,
      mem_cost: memoryCost,
      ...rest
    } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    const { base64_signer_key: signerKey, base64_salt_separator: separator } = rest;
    if (typeof signerKey !== 'string' || typeof separator !== 'string') throw new Error('a key is missing');
    return { signerKey, separator, rounds: Number(rounds), memoryCost: Number(memoryCost) };
  } catch {
    throw new UserError(
      `${path} must be JSON with base64_signer_key, base64_salt_separator, rounds and mem_cost.`,
    );
  }
}

async function move(output: Output, db: Db, job: ImportJob, folder: string): Promise<unknown> {
  // Shows nothing when the output is no terminal.
  const bar = new SingleBar({
    stream: process.stderr,
    format: '{bar} {percentage} % | {rows} rows | {rate} rows/s | {eta_formatted} left',
    etaBuffer: 100,
  });
  const started = performance.now();
  let before: number | undefined;
  const done = await importPeople(db, job, ({ rows, bytes, size }) => {
    if (before === undefined) bar.start(size, 0, { rows, rate: 0 });
    before ??= rows;
    bar.update(bytes, { rows, rate: Math.round(((rows - before) / (performance.now() - started)) * 1_000) });
  }).finally(() => bar.stop());
  for (const [name, count] of Object.entries(done.counts).sort())
    output.line(`${String(count).padStart(9)}  ${name}`);
  output.line(`${String(done.rows).padStart(9)}  rows in all`);
  const unlisted = Object.keys(done.counts).flatMap(
    (name) => /^rejected: unlisted_hash (.+)/.exec(name)?.[1] ?? [],
  );
  if (unlisted.length > 0) output.note(`Formats that IMPORT_FORMATS does not list: ${unlisted.join(',')}`);
  if (done.runId === null) {
    output.note('A dry run: nothing was changed.');
    return done;
  }
  const files = await writeFiles(db, folder, job.source, done.runId);
  await finishImport(db, done.runId, new Date());
  output.note(`Run ${done.runId}. New ids: ${files.ids}. Rows that were not taken: ${files.rejects}.`);
  return { ...done, ...files };
}

const NIL = '00000000-0000-0000-0000-000000000000';

async function undo(output: Output, db: Db, runId: string): Promise<unknown> {
  if (!isUuid(runId) || !(await beginUndo(db, runId, new Date())))
    throw new UserError(`There is no run ${runId}.`);
  let removed = 0;
  for (let last: string | null = NIL; last !== null; ) {
    const portion = await undoPortion(db, runId, last);
    removed += portion.removed;
    last = portion.last;
  }
  const left = await countOfRun(db, runId);
  output.line(`${removed} people removed, ${left} left because they have used their accounts.`);
  return { removed, left };
}

async function showStatus(output: Output, db: Db): Promise<unknown> {
  const [runs, records] = [await listImports(db), await countImportedRecords(db)];
  for (const run of runs) {
    const state = run.undoneAt ? 'undone' : run.finishedAt ? 'finished' : 'unfinished';
    output.line(`${run.id}  ${run.source}  ${run.startedAt.toISOString()}  ${state}  ${run.rowsDone} rows`);
  }
  for (const { format, keyId, people, waiting } of records)
    output.line(
      `${String(people).padStart(9)}  ${format}, pepper ${keyId} (${waiting} of them wait for proof)`,
    );
  output.line(
    records.length === 0
      ? 'No old password is left: IMPORT_FORMATS and IMPORT_PEPPERS can go.'
      : `IMPORT_FORMATS must go on listing ${[...new Set(records.map(({ format }) => format))].join(',')}.`,
  );
  return { runs, records };
}
