/**
 * A note in .data with the address of the database. The local stack writes it when it starts and removes it when it
 * stops, so that the commands for operators find the database.
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
