/**
 * `migrate`: works on the database of DATABASE_URL, or on that of `npm run dev`, which must not be running. Reversing
 * a migration deletes what it added, so cli/confirm.ts asks first.
 */
import type { Command } from 'commander';
import { openLocalDatabase } from '../tooling/local-database.ts';
import { lockCheckout } from '../tooling/lock.ts';
import { type Connection, down, readMigrations, status, up } from '../tooling/migrations.ts';
import { migrationsFolder } from '../tooling/paths.ts';
import { answer } from './command.ts';
import { confirm } from './confirm.ts';
import { connect } from './connection.ts';
import { checkMigrations, createMigration } from './drizzle-kit.ts';

export function addMigrate(program: Command): void {
  const migrate = program.command('migrate').description('the schema of the database');
  addUp(migrate);
  addDown(migrate);
  addStatus(migrate);

  const create = migrate.command('create').description('write the next migration from src/store/schema.ts');
  create.requiredOption('--name <name>', 'what changes, such as add_locale');
  answer<{ name: string }>(create, async (output, { name }) => createMigration(output, name));

  const check = migrate.command('check').description('fail if the schema and the migrations differ');
  answer(check, async (output) => checkMigrations(output));
}

function addUp(migrate: Command): void {
  const command = migrate.command('up').description('apply pending migrations');
  answer(command, async (output) => {
    const applied = await withDatabase((client) => up(client, readMigrations(migrationsFolder)));
    for (const tag of applied) output.line(`applied ${tag}`);
    if (applied.length === 0) output.line('Nothing is pending.');
    return { applied };
  });
}

function addDown(migrate: Command): void {
  const command = migrate
    .command('down')
    .description('reverse the newest migration, and delete the data in what it added')
    .option('--yes <database>', 'the name of the database, instead of typing it')
    .option('--destroy-data', 'reverse the first migration even if there are people in the database');
  answer<{ yes?: string; destroyData?: true }>(command, async (output, { yes, destroyData = false }) => {
    const tag = await withDatabase(async (client, host) => {
      const migrations = readMigrations(migrationsFolder);
      const newest = (await status(client, migrations)).findLast(({ appliedAt }) => appliedAt !== null)?.tag;
      if (newest === undefined) return undefined;
      const { rows } = await client.query('SELECT current_database() AS name');
      const [{ name: database }] = rows as [{ name: string }];
      await confirm(output, client, { host, database }, `This reverses ${newest}.`, yes);
      return down(client, migrations, { tag: newest, destroyData });
    });
    output.line(tag ? `reversed ${tag}` : 'Nothing has been applied.');
    return { takenBack: tag ?? null };
  });
}

function addStatus(migrate: Command): void {
  const command = migrate.command('status').description('list applied and pending migrations');
  answer(command, async (output) => {
    const rows = await withDatabase((client) => status(client, readMigrations(migrationsFolder)));
    for (const { tag, appliedAt, hasDown } of rows) {
      const words = [appliedAt ? 'applied' : 'pending', tag, ...(hasDown ? [] : ['(cannot be reversed)'])];
      output.line(words.join('  '));
    }
    return rows.map(({ tag, appliedAt, hasDown }) => ({ tag, isApplied: appliedAt !== null, hasDown }));
  });
}

async function withDatabase<T>(work: (client: Connection, host: string) => Promise<T>): Promise<T> {
  const { DATABASE_URL: url } = process.env;
  if (url) {
    const client = await connect(url);
    return work(client, new URL(url).hostname).finally(() => client.end());
  }
  const lock = await lockCheckout();
  try {
    const server = await openLocalDatabase();
    try {
      const client = await connect(server.connectionString);
      return await work(client, 'this checkout, .data/postgres').finally(() => client.end());
    } finally {
      await server.stop();
    }
  } finally {
    await lock.close();
  }
}
