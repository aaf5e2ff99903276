/** Brings the database of the local stack up to date, as `npm run migrate:up` does it. */
import type { PGlite } from '@electric-sql/pglite';
import { Client } from 'pg';
import { readMigrations, up } from '../ops/migrations.ts';
import { RESET } from './embedded.ts';
import { migrationsFolder } from './paths.ts';
import { messageOf, StartError } from './start-error.ts';

export async function migratePglite(db: PGlite): Promise<void> {
  await up(db, readMigrations(migrationsFolder), RESET);
}

export async function migratePostgres(connectionString: string, tls: boolean): Promise<void> {
  const client = new Client({ connectionString, ssl: tls });
  try {
    await client.connect();
  } catch (error) {
    throw new StartError(`The database of DATABASE_URL cannot be reached: ${messageOf(error)}.`);
  }
  try {
    await up(client, readMigrations(migrationsFolder), 'empty the one of DATABASE_URL, or name another');
  } finally {
    await client.end();
  }
}
