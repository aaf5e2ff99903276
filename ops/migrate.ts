/** `npm run migrate:up`, `migrate:down`, `migrate:status`: one page of command line over ops/migrations.ts. */

import type { Client } from 'pg';
import { migrationsFolder } from '../dev/paths.ts';
import { explain } from '../dev/start-error.ts';
import { connect } from './connection.ts';
import { down, type Migration, readMigrations, status, up } from './migrations.ts';

const commands: Record<string, (client: Client, migrations: Migration[]) => Promise<string[]>> = {
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
try {
  const client = await connect(process.env.DATABASE_URL);
  try {
    for (const line of await command(client, readMigrations(migrationsFolder))) console.log(line);
  } finally {
    await client.end();
  }
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
