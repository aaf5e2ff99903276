/** A direct connection to the DATABASE_URL of the environment, for migrations. With TLS, except on this machine. */
import { Client } from 'pg';
import { messageOf, UserError } from '../tooling/user-error.ts';

/** Parameters of the URL that would override these settings. */
const TLS_PARAMETERS = ['ssl', 'sslmode', 'sslcert', 'sslkey', 'sslrootcert', 'uselibpqcompat'];

const LOCAL = new Set(['localhost', '127.0.0.1', '[::1]']);

export async function connect(url: string | undefined): Promise<Client> {
  if (!url || !URL.canParse(url)) {
    throw new UserError(
      'Set DATABASE_URL to postgresql://user:password@host/database, with the role that owns the tables.',
    );
  }
  const address = new URL(url);
  const { hostname } = address;
  // A pooler gives each transaction to any server process. That is right for the Workers, and wrong for migrations.
  if (hostname.includes('-pooler.')) {
    throw new UserError(
      'This is the pooled endpoint of Neon: migrate over the direct one, whose host has no "-pooler".',
    );
  }
  const isLocal = LOCAL.has(hostname);
  if (!isLocal) for (const name of TLS_PARAMETERS) address.searchParams.delete(name);
  const client = new Client({
    connectionString: address.href,
    ...(!isLocal && { ssl: { rejectUnauthorized: true } }),
  });
  try {
    await client.connect();
  } catch (error) {
    throw new UserError(`The database of DATABASE_URL cannot be reached: ${messageOf(error)}.`);
  }
  return client;
}
