/** Migrates the database of the local stack, as `npm run migrate:up` does. */
import { Client } from 'pg';
import { readMigrations, up } from '../tooling/migrations.ts';
import { migrationsFolder } from '../tooling/paths.ts';
import { messageOf, UserError } from '../tooling/user-error.ts';

const OTHER_DATABASE = 'empty the one of DATABASE_URL, or name another';

/** `wayOut` says what to do with a database that was migrated with other files. */
export async function migratePostgres(
  connectionString: string,
  tls: boolean,
  wayOut = OTHER_DATABASE,
): Promise<void> {
  const client = new Client({ connectionString, ssl: tls });
  try {
    await client.connect();
  } catch (error) {
    throw new UserError(`The database of DATABASE_URL cannot be reached: ${messageOf(error)}.`);
  }
  try {
    await up(client, readMigrations(migrationsFolder), wayOut);
  } finally {
    await client.end();
  }
}
