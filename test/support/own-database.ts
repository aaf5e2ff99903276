/** A database of its own on the server of the run, for tests that change the schema or fill tables. */
import { Client } from 'pg';
import { inject } from 'vitest';
import { createDatabase, dropDatabase } from './databases.ts';

export type OwnDatabase = { url: string; open(): Promise<Client>; drop(): Promise<void> };

export const ownDatabase = async () => opened(await createDatabase(inject('env').DATABASE_URL));

/** Without the schema. */
export const emptyDatabase = async () =>
  opened(await createDatabase(inject('env').DATABASE_URL, 'template1'));

function opened(url: string): OwnDatabase {
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
      await dropDatabase(url);
    },
  };
}
