/** Brings the database of the local stack up to date, as `npm run migrate:up` does it. */
import type { PGlite } from '@electric-sql/pglite';
import { Client } from 'pg';
import { RESET } from '../tooling/embedded.ts';
import { readMigrations, up } from '../tooling/migrations.ts';
import { migrationsFolder } from '../tooling/paths.ts';
import { messageOf, UserError } from '../tooling/user-error.ts';

export async function migratePglite(db: PGlite): Promise<void> {
  await up(db, readMigrations(migrationsFolder), RESET);
}

export async function migratePostgres(connectionString: string, tls: boolean): Promise<void> {
  const client = new Client({ connectionString, ssl: tls });
  try {
    await client.connect();
  } catch (error) {
    throw new UserError(`The database of DATABASE_URL cannot be reached: ${messageOf(error)}.`);
  }
  try {
    await up(client, readMigrations(migrationsFolder), 'empty the one of DATABASE_URL, or name another');
  } finally {
    await client.end();
  }
}
