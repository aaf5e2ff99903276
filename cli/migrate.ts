/**
 * `migrate`: the database of DATABASE_URL; without one, that of `npm run dev`, which must not be running. Taking a
 * migration back destroys what it added: cli/confirm.ts asks first.
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

  const check = migrate.command('check').description('fail where schema and migrations do not say the same');
  answer(check, async (output) => checkMigrations(output));
}

function addUp(migrate: Command): void {
  const command = migrate.command('up').description('apply what is pending');
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
    .description('take the newest migration back, with the data it made room for')
    .option('--yes <database>', 'the name of the database, instead of typing it')
    .option('--destroy-data', 'take the first migration back although people are in the database');
  answer<{ yes?: string; destroyData?: true }>(command, async (output, { yes, destroyData = false }) => {
    const tag = await withDatabase(async (client, host) => {
      const migrations = readMigrations(migrationsFolder);
      const newest = (await status(client, migrations)).findLast(({ appliedAt }) => appliedAt !== null)?.tag;
      if (newest === undefined) return undefined;
      const { rows } = await client.query('SELECT current_database() AS name');
      const [{ name: database }] = rows as [{ name: string }];
      await confirm(output, client, { host, database }, `This takes ${newest} back.`, yes);
      return down(client, migrations, { tag: newest, destroyData });
    });
    output.line(tag ? `taken back ${tag}` : 'Nothing has been applied.');
    return { takenBack: tag ?? null };
  });
}

function addStatus(migrate: Command): void {
  const command = migrate.command('status').description('which are applied and which are pending');
  answer(command, async (output) => {
    const rows = await withDatabase((client) => status(client, readMigrations(migrationsFolder)));
    for (const { tag, appliedAt, hasDown } of rows) {
      const words = [appliedAt ? 'applied' : 'pending', tag, ...(hasDown ? [] : ['(no way down)'])];
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
