/**
 * `npm run migrate:up`, `migrate:down`, `migrate:status`: one page of command line over tooling/migrations.ts. Of the database
 * of DATABASE_URL; without one, of that of `npm run dev`, which must not be running.
 */

import { openEmbedded } from '../tooling/embedded.ts';
import { lockCheckout } from '../tooling/lock.ts';
import { type Connection, down, type Migration, readMigrations, status, up } from '../tooling/migrations.ts';
import { migrationsFolder } from '../tooling/paths.ts';
import { explain } from '../tooling/user-error.ts';
import { connect } from './connection.ts';

const commands: Record<string, (client: Connection, migrations: Migration[]) => Promise<string[]>> = {
  async up(client, migrations) {
    const applied = await up(client, migrations);
    return applied.length ? applied.map((tag) => `applied ${tag}`) : ['Nothing is pending.'];
  },
  async down(client, migrations) {
    const tag = await down(client, migrations);
    return [tag ? `taken back ${tag}` : 'Nothing has been applied.'];
  },
  async status(client, migrations) {
    const rows = await status(client, migrations);
    return rows.map(({ tag, appliedAt, hasDown }) =>
      [appliedAt ? 'applied' : 'pending', tag, ...(hasDown ? [] : ['(no way down)'])].join('  '),
    );
  },
};

const command = commands[process.argv[2] ?? ''];
if (command === undefined) {
  console.error('Say what to do: up, down or status.');
  process.exit(1);
}

async function run<T>(work: (client: Connection) => Promise<T>): Promise<T> {
  if (process.env.DATABASE_URL) {
    const client = await connect(process.env.DATABASE_URL);
    return work(client).finally(() => client.end());
  }
  const lock = await lockCheckout();
  try {
    const db = await openEmbedded();
    return await work(db).finally(() => db.close());
  } finally {
    await lock.close();
  }
}

try {
  for (const line of await run((client) => command(client, readMigrations(migrationsFolder))))
    console.log(line);
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
