/** One call of each verb of the import and the export, which an operator runs at a keyboard; a part of store-verbs.ts. */
import { randomUUID } from 'node:crypto';
import type { Db } from '../src/store/db.ts';
import * as ends from '../src/store/import-ends.ts';
import * as imports from '../src/store/imports.ts';
import * as peopleExport from '../src/store/people-export.ts';
import { now, someone } from './store-samples.ts';

const id = () => randomUUID();
const person = (): imports.ImportedPerson => ({
  row: 1,
  id: id(),
  externalId: id(),
  email: someone,
  recipientKey: '00',
  isProven: false,
  isDisabled: false,
  name: 'x',
  locale: 'en',
  createdAt: now,
  passwordHash: 'x',
  totp: { sealed: '00', keyId: 'k1' },
});

export const importVerbs: Record<string, (db: Db) => Promise<unknown>> = {
  listPeople: (db) => peopleExport.listPeople(db, id()),
  countPeople: (db) => peopleExport.countPeople(db, id()),
  beginImport: (db) => imports.beginImport(db, { id: id(), source: 'csv', file: 'x' }, now),
  listImports: (db) => imports.listImports(db),
  judgePortion: (db) => imports.judgePortion(db, 'csv', [person()], now),
  takePortion: (db) =>
    imports.takePortion(
      db,
      {
        runId: id(),
        source: 'csv',
        from: 0,
        to: 2,
        people: [person()],
        rejects: [{ row: 2, externalId: null, reason: 'broken_row' }],
        pendingUntil: now,
      },
      now,
    ),
  listImported: (db) => ends.listImported(db, 'csv', ''),
  listRejects: (db) => ends.listRejects(db, id(), 0),
  finishImport: (db) => ends.finishImport(db, id(), now),
  beginUndo: (db) => ends.beginUndo(db, id(), now),
  undoPortion: (db) => ends.undoPortion(db, id(), id()),
  countOfRun: (db) => ends.countOfRun(db, id()),
  countImportedRecords: (db) => ends.countImportedRecords(db),
};
