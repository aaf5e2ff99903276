/** The Postgres inside `npm run dev` (PGlite), whose data stay in .data/postgres. Only one process may have it open. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { dataFolder } from './paths.ts';
import { messageOf, UserError } from './user-error.ts';

export const RESET = '`npm run dev:reset` starts from an empty one';

export async function openEmbedded(): Promise<PGlite> {
  const folder = join(dataFolder, 'postgres');
  mkdirSync(folder, { recursive: true });
  try {
    return await PGlite.create(folder);
  } catch (error) {
    throw new UserError(`The database in .data/postgres cannot be opened (${messageOf(error)}): ${RESET}.`);
  }
}
