/**
 * The database whose outbox is looked at: the running local stack's, through the Neon endpoint that the stack notes
 * in .data, or the one that DATABASE_URL names in the environment, Neon or any other Postgres.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Db, openDb } from '../src/store/db.ts';
import { serveNeonHttp } from './neon-http.ts';
import { dataFolder } from './paths.ts';
import { createPostgresExecutor } from './postgres.ts';
import { StartError } from './start-error.ts';

type Address = { databaseUrl: string; neonHttpUrl?: string | undefined };

const noteFile = join(dataFolder, 'stack.json');
const TIMEOUT_MS = 20_000;

/** What the stack leaves for tools while it runs. */
export function noteDatabase(address: Address): { close(): Promise<void> } {
  writeFileSync(noteFile, JSON.stringify(address), { mode: 0o600 });
  return { close: async () => rmSync(noteFile, { force: true }) };
}

export async function openMailDatabase(
  environment = process.env,
): Promise<{ db: Db; close(): Promise<void> }> {
  const { DATABASE_URL: url, NEON_HTTP_URL: neonHttpUrl } = environment;
  if (!url) return { db: openAddress(readNote()), close: async () => {} };
  if (neonHttpUrl || isNeon(url)) {
    return {
      db: openAddress({ databaseUrl: url, neonHttpUrl: neonHttpUrl || undefined }),
      close: async () => {},
    };
  }
  const executor = createPostgresExecutor();
  const endpoint = await serveNeonHttp({ executor });
  return {
    db: openAddress({ databaseUrl: url, neonHttpUrl: endpoint.url }),
    async close() {
      await endpoint.close();
      await executor.close();
    },
  };
}

export const openAddress = (address: Address): Db => openDb({ ...address, databaseTimeoutMs: TIMEOUT_MS });

function isNeon(url: string): boolean {
  const { hostname } = URL.parse(url) ?? {};
  if (!hostname)
    throw new StartError('DATABASE_URL is not of the form postgresql://user:password@host/database.');
  return hostname.endsWith('.neon.tech');
}

function readNote(): Address {
  if (existsSync(noteFile)) return JSON.parse(readFileSync(noteFile, 'utf8')) as Address;
  throw new StartError('Start the local stack first (`npm run dev`), or name a database in DATABASE_URL.');
}
