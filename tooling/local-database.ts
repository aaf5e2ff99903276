/** The Postgres of the local stack, with its data in .data/postgres. Its user must hold the lock of the checkout. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder } from './paths.ts';
import { type PostgresServer, startPostgres } from './postgres-server.ts';
import { messageOf, UserError } from './user-error.ts';

export const RESET = '`npm run dev:reset` starts from an empty one';

export async function openLocalDatabase(): Promise<PostgresServer> {
  const folder = join(dataFolder, 'postgres');
  // Releases before this one kept the data of another engine right here.
  if (existsSync(join(folder, 'PG_VERSION'))) {
    throw new UserError(`The database in .data/postgres was made by an older Gatehouse: ${RESET}.`);
  }
  try {
    return await startPostgres(folder);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`The database in .data/postgres cannot be opened (${messageOf(error)}): ${RESET}.`);
  }
}
