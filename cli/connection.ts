/**
 * A direct connection to the DATABASE_URL of the environment, for migrations. With TLS, except on this machine and
 * with POSTGRES_TLS=off, as a self-hosted service has it.
 */
import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import { withoutTlsParameters } from '../selfhost/gateway/postgres.ts';
import { messageOf, UserError } from '../tooling/user-error.ts';

const LOCAL = new Set(['localhost', '127.0.0.1', '[::1]']);

export async function connect(url: string | undefined): Promise<Client> {
  if (!url || !URL.canParse(url)) {
    throw new UserError(
      'Set DATABASE_URL to postgresql://user:password@host/database, with the role that owns the tables.',
    );
  }
  const { hostname } = new URL(url);
  // A pooler gives each transaction to any server process. That is right for the Workers, and wrong for migrations.
  if (hostname.includes('-pooler.')) {
    throw new UserError(
      'This is the pooled endpoint of Neon: migrate over the direct one, whose host has no "-pooler".',
    );
  }
  const { POSTGRES_TLS, POSTGRES_CA_FILE: ca } = process.env;
  const isPlain = LOCAL.has(hostname) || POSTGRES_TLS === 'off';
  const client = new Client({
    connectionString: isPlain ? url : withoutTlsParameters(url),
    ...(!isPlain && { ssl: { rejectUnauthorized: true, ...(ca && { ca: readFileSync(ca, 'utf8') }) } }),
  });
  try {
    await client.connect();
  } catch (error) {
    throw new UserError(`The database of DATABASE_URL cannot be reached: ${messageOf(error)}.`);
  }
  return client;
}
