/** The tables of the import (cli/import.ts), which no Worker may read. */
import { integer, jsonb, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core';

const instant = (name: string) => timestamp(name, { withTimezone: true });

/** People who are moved in from another system (cli/import.ts): how far a run has come, and what became of its rows. */
export const importRuns = pgTable('import_runs', {
  id: uuid('id').primaryKey(),
  source: text('source').notNull(),
  /** Size and digest of the file, so that a run is only resumed with the same one. */
  file: text('file').notNull(),
  /** How many rows of the file are done, whatever became of them. */
  rowsDone: integer('rows_done').notNull().default(0),
  /** How many of these rows came to which end, by its name. */
  counts: jsonb('counts').$type<Record<string, number>>().notNull().default({}),
  startedAt: instant('started_at').notNull(),
  finishedAt: instant('finished_at'),
  undoneAt: instant('undone_at'),
});

/** Rows that an unfinished run did not take, by their number in the file. They are written to a file at its end. */
export const importRejects = pgTable(
  'import_rejects',
  {
    runId: uuid('run_id')
      .notNull()
      .references(() => importRuns.id, { onDelete: 'cascade' }),
    row: integer('row').notNull(),
    externalId: text('external_id'),
    reason: text('reason').notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.row] })],
);
