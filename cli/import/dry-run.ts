/**
 * What a run would make of each row, without writing: against the database, and against the rows before it in the file,
 * however far away they are. The counts are those that the run has.
 */
import type { Db } from '../../src/store/db.ts';
import { type ImportedPerson, type ImportReject, judgePortion } from '../../src/store/imports.ts';
import { Seen } from './seen.ts';

type Counts = Record<string, number>;
type Checked = { people: ImportedPerson[]; rejects: ImportReject[] };

/** Adds a portion of rows to the counts. */
export type Judge = (before: Counts, checked: Checked) => Promise<Counts>;

export function dryRun(db: Db, source: string, now: Date): Judge {
  const ids = new Seen();
  const [proven, waiting] = [new Seen(), new Seen()];

  /** As src/store/imports.ts judges by the people whom the rows before have become. */
  function verdictOn({ externalId, email, isProven, passwordHash }: ImportedPerson, found: string): string {
    if (found === 'already_imported' || ids.has(externalId)) return 'already_imported';
    if (found !== 'new') return `rejected: ${found}`;
    if (proven.has(email) || (!isProven && waiting.has(email))) return 'rejected: address_taken';
    ids.add(externalId);
    (isProven ? proven : waiting).add(email);
    if (!isProven) return 'pending';
    return passwordHash === null ? 'without_password' : 'imported';
  }

  return async (before, { people, rejects }) => {
    const counts = { ...before };
    const count = (name: string) => {
      counts[name] = (counts[name] ?? 0) + 1;
    };
    for (const { reason } of rejects) count(`rejected: ${reason}`);
    const found = new Map(
      (await judgePortion(db, source, people, now)).map(({ row, verdict }) => [row, verdict]),
    );
    for (const person of people) count(verdictOn(person, found.get(person.row) ?? 'new'));
    return counts;
  };
}
