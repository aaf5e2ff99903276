/** A database of its own on the server of the run, for tests that change the schema or fill tables. */
import { Client } from 'pg';
import { inject } from 'vitest';
import { createDatabase, dropDatabase } from './databases.ts';

export type OwnDatabase = { url: string; open(): Promise<Client>; drop(): Promise<void> };

export const ownDatabase = async () => opened(await createDatabase(inject('env').DATABASE_URL));

/** Without the schema. */
export const emptyDatabase = async () =>
  opened(await createDatabase(inject('env').DATABASE_URL, 'template1'));

/** For tests of what Postgres reads: no statistics change and no dead row goes at a moment that nobody chose. */
export const withoutAutovacuum = (client: Client) =>
  client.query(`DO $$ DECLARE t regclass; BEGIN
    FOR t IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
      EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = off, toast.autovacuum_enabled = off)', t);
    END LOOP; END $$`);

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
