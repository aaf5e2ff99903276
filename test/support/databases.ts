/** The databases of a run. Each is a copy of one that has the schema, which is much faster than to migrate each. */
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { migratePostgres } from '../../dev/migrate.ts';

const TEMPLATE = 'gatehouse_template';

/** Nobody connects to it once it is migrated: a database that is in use cannot be copied. */
export async function createTemplate(server: string): Promise<void> {
  await asAdmin(server, `CREATE DATABASE ${TEMPLATE}`);
  await migratePostgres(new URL(`/${TEMPLATE}`, server).href, false);
}

/** A new database with the schema and no rows. `server` is the connection string of any other. */
export async function createDatabase(server: string, template = TEMPLATE): Promise<string> {
  const name = `gatehouse_${randomUUID().replaceAll('-', '')}`;
  await asAdmin(server, `CREATE DATABASE ${name} TEMPLATE ${template}`);
  return new URL(`/${name}`, server).href;
}

export async function dropDatabase(url: string): Promise<void> {
  await asAdmin(url, `DROP DATABASE ${new URL(url).pathname.slice(1)} WITH (FORCE)`);
}

async function asAdmin(server: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: new URL('/postgres', server).href });
  await client.connect();
  await client.query(statement);
  await client.end();
}
