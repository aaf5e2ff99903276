/**
 * The database that a command is about: that of the running local stack, or that of DATABASE_URL in the environment
 * (Neon or any other Postgres).
 */

import { serveNeonHttp } from '../selfhost/gateway/neon-http.ts';
import { createPostgresExecutor } from '../selfhost/gateway/postgres.ts';
import type { Db } from '../src/store/db.ts';
import { openAddress, readNote } from '../tooling/stack-note.ts';
import { UserError } from '../tooling/user-error.ts';

async function openDatabase(environment = process.env): Promise<{ db: Db; close(): Promise<void> }> {
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

function isNeon(url: string): boolean {
  const { hostname } = URL.parse(url) ?? {};
  if (!hostname)
    throw new UserError('DATABASE_URL is not of the form postgresql://user:password@host/database.');
  return hostname.endsWith('.neon.tech');
}

/** Opens the database, does the work, and closes it whatever happens. */
export async function withDatabase<T>(work: (db: Db) => Promise<T>): Promise<T> {
  const database = await openDatabase();
  try {
    return await work(database.db);
  } finally {
    await database.close();
  }
}
