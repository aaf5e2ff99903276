/**
 * The Postgres of the Workers, migrated and ready: that of this checkout, Neon itself, or any other Postgres behind
 * our Neon endpoint. The Workers see no difference.
 */

import { serveNeonHttp } from '../selfhost/gateway/neon-http.ts';
import { createPostgresExecutor } from '../selfhost/gateway/postgres.ts';
import { openLocalDatabase, RESET } from '../tooling/local-database.ts';
import { UserError } from '../tooling/user-error.ts';
import { migratePostgres } from './migrate.ts';
import { LOCAL_DATABASE_URL, type Settings } from './settings.ts';

export type Database = {
  url: string;
  description: string;
  /** Empty: the endpoint of Neon. */
  neonHttpUrl: string;
  close(): Promise<void>;
};

export async function openDatabase(values: Settings['values']): Promise<Database> {
  const url = values.DATABASE_URL;
  if (url === LOCAL_DATABASE_URL) {
    if (values.NEON_HTTP_URL) throw new UserError('NEON_HTTP_URL needs a DATABASE_URL beside it.');
    return serveLocal();
  }
  const { hostname, pathname } = parseDatabaseUrl(url);
  const description = hostname + pathname;
  const isNeon = hostname.endsWith('.neon.tech');
  await migratePostgres(url, isNeon);
  if (isNeon || values.NEON_HTTP_URL) {
    return { url, description, neonHttpUrl: values.NEON_HTTP_URL, close: async () => {} };
  }
  return serve(url, description);
}

async function serveLocal(): Promise<Database> {
  const server = await openLocalDatabase();
  try {
    await migratePostgres(server.connectionString, false, RESET);
    const served = await serve(server.connectionString, 'Postgres, kept in .data/postgres');
    return { ...served, close: () => served.close().finally(server.stop) };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function serve(url: string, description: string): Promise<Database> {
  const executor = createPostgresExecutor();
  const endpoint = await serveNeonHttp({ executor });
  return {
    url,
    description,
    neonHttpUrl: endpoint.url,
    async close() {
      await endpoint.close();
      await executor.close();
    },
  };
}

/** The driver of Neon needs a user, a host and a database. */
function parseDatabaseUrl(url: string): URL {
  const parts = URL.canParse(url) ? new URL(url) : undefined;
  if (parts?.hostname && parts.username && parts.pathname.length > 1) return parts;
  throw new UserError('DATABASE_URL is not of the form postgresql://user:password@host:port/database.');
}
