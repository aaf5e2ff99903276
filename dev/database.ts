/**
 * Which Postgres the Workers talk to, migrated and ready: the embedded one, Neon itself, or any other
 * Postgres behind our Neon endpoint. The Workers cannot tell them apart.
 */
import { openEmbedded } from '../tooling/embedded.ts';
import { type Executor, serveNeonHttp } from '../tooling/neon-http.ts';
import { createPostgresExecutor } from '../tooling/postgres.ts';
import { UserError } from '../tooling/user-error.ts';
import { migratePglite, migratePostgres } from './migrate.ts';
import { createPgliteExecutor } from './pglite.ts';
import { EMBEDDED_DATABASE_URL, type Settings } from './settings.ts';

export type Database = {
  description: string;
  /** Empty: Neon's own endpoint. */
  neonHttpUrl: string;
  close(): Promise<void>;
};

export async function openDatabase(values: Settings['values']): Promise<Database> {
  const url = values.DATABASE_URL;
  if (url === EMBEDDED_DATABASE_URL) {
    if (values.NEON_HTTP_URL) throw new UserError('NEON_HTTP_URL needs a DATABASE_URL beside it.');
    return serveEmbedded();
  }
  const { hostname, pathname } = parseDatabaseUrl(url);
  const description = hostname + pathname;
  const isNeon = hostname.endsWith('.neon.tech');
  await migratePostgres(url, isNeon);
  if (isNeon || values.NEON_HTTP_URL) {
    return { description, neonHttpUrl: values.NEON_HTTP_URL, close: async () => {} };
  }
  return serve(description, createPostgresExecutor());
}

async function serveEmbedded(): Promise<Database> {
  const db = await openEmbedded();
  try {
    await migratePglite(db);
  } catch (error) {
    await db.close();
    throw error;
  }
  return serve('embedded, kept in .data/postgres', createPgliteExecutor(db));
}

async function serve(description: string, executor: Executor): Promise<Database> {
  const endpoint = await serveNeonHttp({ executor });
  return {
    description,
    neonHttpUrl: endpoint.url,
    async close() {
      await endpoint.close();
      await executor.close();
    },
  };
}

/** Neon's driver insists on a user, a host and a database. */
function parseDatabaseUrl(url: string): URL {
  const parts = URL.canParse(url) ? new URL(url) : undefined;
  if (parts?.hostname && parts.username && parts.pathname.length > 1) return parts;
  throw new UserError('DATABASE_URL is not of the form postgresql://user:password@host:port/database.');
}
