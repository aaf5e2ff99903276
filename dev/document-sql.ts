/**
 * `npm run sql`: writes the SQL of each verb of the store into docs/sql/, for people who read databases and not
 * TypeScript. A test fails while a file differs.
 */
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SQL } from 'drizzle-orm';
import { format } from 'sql-formatter';
import type { Db } from '../src/store/db.ts';
import { rendered } from '../src/store/rendered.ts';
import { root } from '../tooling/paths.ts';
import { verbs } from './store-verbs.ts';

const folder = join(root, 'docs/sql');

/** The trips of a verb: the statements of each, in order. */
type Trips = string[][];

/** A database that answers nothing and records the statements. */
function recordingDb(trips: Trips): Db {
  const rowsOf = (text: string) =>
    // What statement.ts adds to an answer with events: there were none, and no row.
    text.includes('is_answer') ? [{ is_answer: null, events: null }] : [];
  const batch = async (queries: readonly SQL[]) => {
    const texts = queries.map((query) => rendered(query).text);
    trips.push(texts);
    return texts.map(rowsOf);
  };
  return { batch, execute: async (query) => (await batch([query])).flat() };
}

/** The trips of a verb. Some verbs throw when they get no row, but only after they have sent everything. */
async function tripsOf(verb: (db: Db) => Promise<unknown>): Promise<Trips> {
  const trips: Trips = [];
  await verb(recordingDb(trips)).catch(() => {});
  return trips;
}

/** The comment above a verb in the source. */
function commentOf(name: string): string {
  const [comment = ''] = globSync('src/store/*.ts', { cwd: root }).flatMap((path) => {
    const before = readFileSync(join(root, path), 'utf8').split(
      new RegExp(`^export (?:async )?function ${name}\\b`, 'm'),
    );
    const [head = ''] = before.length === 2 ? before : [];
    return /\/\*\*((?:(?!\*\/).)*)\*\/\s*$/s.exec(head)?.[1] ?? [];
  });
  return comment
    .trim()
    .split('\n')
    .map((line) => `-- ${line.replace(/^\s*\* ?/, '')}`.trimEnd())
    .join('\n');
}

const formatted = (statement: string): string =>
  `${format(statement, { language: 'postgresql', tabWidth: 2, keywordCase: 'preserve', expressionWidth: 100 })};`;

const tripText = (statements: string[]): string =>
  statements
    .map((statement, index) =>
      statements.length === 1
        ? formatted(statement)
        : `-- ${index + 1} of the ${statements.length} statements of one batch\n${formatted(statement)}`,
    )
    .join('\n\n');

/** The content of every file of docs/sql, by its name. */
export async function sqlFiles(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const [name, verb] of Object.entries(verbs)) {
    const trips = (await tripsOf(verb)).map(tripText);
    files.set(`${name}.sql`, `${[commentOf(name), ...new Set(trips)].join('\n\n')}\n`);
  }
  return files;
}

if (import.meta.main) {
  mkdirSync(folder, { recursive: true });
  for (const path of globSync('*.sql', { cwd: folder })) rmSync(join(folder, path));
  for (const [path, text] of await sqlFiles()) writeFileSync(join(folder, path), text);
}
