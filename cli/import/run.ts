/**
 * One run of an import: reads the file, checks each row, and hands hundreds of them at a time to the store. The store
 * counts them with what it writes, so a run that was killed goes on where it was, and its counts are those of one that
 * was not.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { v7 as uuidv7 } from 'uuid';
import { later } from '../../src/lib/time.ts';
import type { Db } from '../../src/store/db.ts';
import {
  beginImport,
  type ImportedPerson,
  type ImportReject,
  type ImportRun,
  listImports,
  takePortion,
} from '../../src/store/imports.ts';
import { UserError } from '../../tooling/user-error.ts';
import { RowRefused, type SourceSettings } from './candidate.ts';
import { type CheckSettings, check } from './check.ts';
import { dryRun } from './dry-run.ts';
import { openRows, type Row } from './rows.ts';
import { sources } from './sources.ts';

/** Rows in one statement. */
const PORTION = 500;
/** Imported sign-ups that wait for proof live this long: nobody was mailed, so nobody knows that time runs. */
const PENDING_SECONDS = 90 * 86_400;
/** Much longer than any line of a log; the id only helps to find the row. */
const MAX_REJECTED_ID = 255;

export type ImportJob = {
  source: string;
  path: string;
  settings: CheckSettings;
  sourceSettings: SourceSettings;
  isDryRun: boolean;
  isResumed: boolean;
};

/** `bytes` of `size` are read. */
export type Report = (at: { rows: number; bytes: number; size: number }) => void;

export type Done = { runId: string | null; rows: number; counts: Record<string, number> };

type Portion = { from: number; to: number; people: ImportedPerson[]; rejects: ImportReject[] };

export async function importPeople(db: Db, job: ImportJob, report: Report): Promise<Done> {
  const source = sources[job.source];
  if (source === undefined) throw new UserError(`There is no source ${job.source}.`);
  const run = job.isDryRun ? undefined : await openRun(db, job);
  const { rows, size, bytesRead } = await openRows(job.path, source.at);
  const judge = dryRun(db, job.source, job.settings.now);
  let [at, counts] = [run?.rowsDone ?? 0, { ...run?.counts }];
  for await (const portion of portionsOf(rows, at)) {
    const read = { from: portion.from, to: portion.to, ...(await checked(portion.rows, portion.from, job)) };
    counts = run ? await take(db, run, job, read) : await judge(counts, read);
    at = read.to;
    report({ rows: at, bytes: bytesRead(), size });
  }
  return { runId: run?.id ?? null, rows: at, counts };
}

/** The run of this file that was broken off, or a new one. */
async function openRun(db: Db, { source, path, isResumed, settings }: ImportJob): Promise<ImportRun> {
  const file = markOf(path);
  const open = (await listImports(db)).find(
    (run) => run.source === source && run.file === file && run.finishedAt === null && run.undoneAt === null,
  );
  if (isResumed) {
    if (open !== undefined) return open;
    throw new UserError('No unfinished run has read this file: nothing was done.');
  }
  if (open !== undefined)
    throw new UserError(
      `Run ${open.id} of this file is not finished: add --resume, or take it back with --undo ${open.id}.`,
    );
  const begun = { id: uuidv7(), source, file };
  await beginImport(db, begun, settings.now);
  return { ...begun, rowsDone: 0, counts: {}, startedAt: settings.now, finishedAt: null, undoneAt: null };
}

/** Size and beginning: another file, or one that was changed, is not resumed. */
function markOf(path: string): string {
  const beginning = Buffer.alloc(1024 * 1024);
  const { size } = statSync(path, { throwIfNoEntry: false }) ?? {};
  if (size === undefined) throw new UserError(`${path} cannot be read: ENOENT.`);
  const file = openSync(path, 'r');
  const length = readSync(file, beginning);
  closeSync(file);
  return `${size}-${createHash('sha256').update(beginning.subarray(0, length)).digest('hex')}`;
}

/** Rows before `done` are read and passed over. */
async function* portionsOf(
  rows: AsyncIterable<Row>,
  done: number,
): AsyncIterable<{ from: number; to: number; rows: Row[] }> {
  let [count, portion]: [number, Row[]] = [0, []];
  for await (const row of rows) {
    count += 1;
    if (count <= done) continue;
    portion.push(row);
    if (portion.length < PORTION) continue;
    yield { from: count - portion.length, to: count, rows: portion };
    portion = [];
  }
  if (portion.length > 0) yield { from: count - portion.length, to: count, rows: portion };
}

/** All rows of a portion at the same time: some of them wait for an scrypt. */
async function checked(
  rows: Row[],
  from: number,
  { source, settings, sourceSettings }: ImportJob,
): Promise<Pick<Portion, 'people' | 'rejects'>> {
  const read = sources[source]?.read;
  const results = await Promise.all(
    rows.map(async (raw, index): Promise<ImportedPerson | ImportReject> => {
      const row = from + index + 1;
      const candidate = raw && read?.(raw, sourceSettings);
      if (candidate === undefined) return { row, externalId: null, reason: 'broken_row' };
      try {
        return await check(candidate, row, settings);
      } catch (error) {
        if (!(error instanceof RowRefused)) throw error;
        const id = candidate.externalId;
        const externalId =
          id === undefined || id === null ? null : String(id).toWellFormed().slice(0, MAX_REJECTED_ID);
        return { row, externalId: externalId?.replaceAll('\u0000', '') ?? null, reason: error.reason };
      }
    }),
  );
  const people = results.filter((result): result is ImportedPerson => 'email' in result);
  const refused = results.filter((result): result is ImportReject => 'reason' in result);
  const twice = duplicatesIn(people);
  return { people: people.filter(({ row }) => !twice.has(row)), rejects: [...refused, ...twice.values()] };
}

/** Of two rows with one id the first counts; of two with one address the first whose address is proven. */
function duplicatesIn(people: ImportedPerson[]): Map<number, ImportReject> {
  const rejects = new Map<number, ImportReject>();
  const [ids, addresses] = [new Set<string>(), new Set<string>()];
  for (const { row, externalId, email } of people.toSorted(
    (a, b) => Number(b.isProven) - Number(a.isProven) || a.row - b.row,
  )) {
    const reason = ids.has(externalId)
      ? 'duplicate_id'
      : addresses.has(email)
        ? 'duplicate_address'
        : undefined;
    ids.add(externalId);
    addresses.add(email);
    if (reason !== undefined) rejects.set(row, { row, externalId, reason });
  }
  return rejects;
}

async function take(
  db: Db,
  run: ImportRun,
  job: ImportJob,
  portion: Portion,
): Promise<Record<string, number>> {
  const pendingUntil = later(job.settings.now, PENDING_SECONDS);
  const taken = { runId: run.id, source: run.source, ...portion, pendingUntil };
  const counts = await takePortion(db, taken, new Date());
  if (counts !== undefined) return counts;
  throw new UserError(`Run ${run.id} went on elsewhere or was taken back: nothing more was done here.`);
}
