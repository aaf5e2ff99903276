/**
 * Brings a database up to date from ./migrations. All that is pending is one transaction: a migration that
 * fails leaves the database as it was, and is named.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { DrizzleQueryError } from 'drizzle-orm/errors';
import { drizzle as drizzlePostgres } from 'drizzle-orm/node-postgres';
import { migrate as migrateWithPg } from 'drizzle-orm/node-postgres/migrator';
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite';
import { migrate as migrateWithPglite } from 'drizzle-orm/pglite/migrator';
import { Client } from 'pg';
import { differing, readJournal, readMigrations } from '../ops/migrations.ts';
import { migrationsFolder } from './paths.ts';
import { messageOf, StartError } from './start-error.ts';

const journalFile = join(migrationsFolder, 'meta/_journal.json');

export async function migratePglite(db: PGlite): Promise<void> {
  await assertCommon(db, 'The database in .data/postgres', '`npm run dev:reset` starts from an empty one');
  await explained('or start from an empty database with `npm run dev:reset`', () =>
    migrateWithPglite(drizzlePglite(db), { migrationsFolder }),
  );
}

export async function migratePostgres(connectionString: string, tls: boolean): Promise<void> {
  const client = new Client({ connectionString, ssl: tls });
  try {
    await client.connect();
  } catch (error) {
    throw new StartError(`The database of DATABASE_URL cannot be reached: ${messageOf(error)}.`);
  }
  try {
    await assertCommon(client, 'The database of DATABASE_URL', 'empty it, or name another one');
    await explained('or empty the database of DATABASE_URL', () =>
      migrateWithPg(drizzlePostgres(client), { migrationsFolder }),
    );
  } finally {
    await client.end();
  }
}

/** The migrator looks at times only: it would go on with another schema than the code, or fail on tables that are there. */
async function assertCommon(
  db: Parameters<typeof readJournal>[0],
  which: string,
  wayOut: string,
): Promise<void> {
  if (!existsSync(journalFile)) return;
  const tag = differing(await readJournal(db), readMigrations(migrationsFolder));
  if (tag === undefined) return;
  throw new StartError(`${which} was made with another migrations/${tag}.sql than the one here: ${wayOut}.`);
}

async function explained(wayOut: string, migrate: () => Promise<void>): Promise<void> {
  if (!existsSync(journalFile)) return;
  try {
    await migrate();
  } catch (error) {
    const file = error instanceof DrizzleQueryError ? fileWith(error.query) : undefined;
    if (file === undefined || !(error instanceof Error)) throw error;
    const fault = messageOf(error.cause ?? error);
    throw new StartError(
      `Migration ${file} failed and nothing of it was applied: ${fault}. Correct that file, ${wayOut}.`,
    );
  }
}

/** The migrator names the statement only; pending files are the last ones. */
function fileWith(statement: string): string | undefined {
  const files = readdirSync(migrationsFolder).filter((name) => name.endsWith('.sql'));
  return files
    .sort()
    .findLast((name) => readFileSync(join(migrationsFolder, name), 'utf8').includes(statement));
}
