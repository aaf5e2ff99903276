/**
 * Asks before something is destroyed: shows where and how much, and the name of the database must be typed. A program
 * gives it with `--yes NAME`. Without a terminal and without `--yes`, nothing is done.
 */
import { createInterface } from 'node:readline/promises';
import type { Connection } from '../tooling/migrations.ts';
import { UserError } from '../tooling/user-error.ts';
import type { Output } from './command.ts';

/** Larger tables are not counted to the end. */
const COUNTED = 1_000_000;

export type Place = { host: string; database: string };

export async function confirm(
  output: Output,
  client: Connection,
  place: Place,
  what: string,
  yes: string | undefined,
): Promise<void> {
  const { host, database } = place;
  output.note(`${what}\n  host      ${host}\n  database  ${database}`);
  for (const { table, rows } of await rowCounts(client))
    output.note(`  ${rows.padStart(8)}  rows in ${table}`);
  if (yes === undefined && !process.stdin.isTTY) {
    output.refuse(`this destroys data: add --yes ${database} where nobody can type`);
  }
  const typed = yes ?? (await ask(`Type the name of the database to go on: `));
  if (typed !== database) throw new UserError(`That is not ${database}: nothing was done.`);
}

export async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    // At the end of the input, and at Ctrl-C, there is no answer.
    const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
    return await Promise.race([terminal.question(question), closed]);
  } finally {
    terminal.close();
  }
}

async function rowCounts(client: Connection): Promise<{ table: string; rows: string }[]> {
  const { rows: tables } = await client.query(
    `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`,
  );
  const counts = [];
  for (const { name } of tables as { name: string }[]) {
    const { rows } = await client.query(
      `SELECT count(*)::int AS n FROM (SELECT FROM public.${name} LIMIT ${COUNTED + 1}) AS counted`,
    );
    const [{ n } = { n: 0 }] = rows as { n: number }[];
    counts.push({ table: name, rows: n > COUNTED ? `over ${COUNTED}` : String(n) });
  }
  return counts;
}
