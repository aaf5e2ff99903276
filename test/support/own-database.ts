/** A database of its own on the server of the run, for tests that change the schema or fill tables. */
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { inject } from 'vitest';

export type OwnDatabase = { url: string; open(): Promise<Client>; drop(): Promise<void> };

export async function ownDatabase(): Promise<OwnDatabase> {
  const server = inject('env').DATABASE_URL;
  const name = `own_${randomUUID().replaceAll('-', '')}`;
  await asAdmin(server, `CREATE DATABASE ${name}`);
  const url = new URL(`/${name}`, server).href;
  const clients: Client[] = [];
  return {
    url,
    async open() {
      const client = new Client({ connectionString: url });
      await client.connect();
      clients.push(client);
      return client;
    },
    async drop() {
      await Promise.all(clients.map((client) => client.end()));
      await asAdmin(server, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function asAdmin(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(statement);
  await client.end();
}
