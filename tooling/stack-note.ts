/**
 * Where the running local stack's database is: the stack notes it in .data when it starts, and takes the note away
 * when it stops, so that the operator's commands find it.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Db, openDb } from '../src/store/db.ts';
import { dataFolder } from './paths.ts';
import { UserError } from './user-error.ts';

type Address = { databaseUrl: string; neonHttpUrl?: string | undefined };

const noteFile = join(dataFolder, 'stack.json');
const TIMEOUT_MS = 20_000;

export function noteDatabase(address: Address): { close(): Promise<void> } {
  writeFileSync(noteFile, JSON.stringify(address), { mode: 0o600 });
  return { close: async () => rmSync(noteFile, { force: true }) };
}

export function readNote(): Address {
  if (existsSync(noteFile)) return JSON.parse(readFileSync(noteFile, 'utf8')) as Address;
  throw new UserError('Start the local stack first (`npm run dev`), or name a database in DATABASE_URL.');
}

export const openAddress = (address: Address): Db => openDb({ ...address, databaseTimeoutMs: TIMEOUT_MS });
