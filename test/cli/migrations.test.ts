import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migratePostgres } from '../../dev/migrate.ts';
import { down, type Migration, readMigrations, status, up } from '../../tooling/migrations.ts';
import { copyCheckout } from '../support/checkout.ts';
import { cli, cliProcess } from '../support/cli.ts';
import { emptyDatabase, type OwnDatabase } from '../support/own-database.ts';

const migrations = readMigrations('migrations');
const tags = migrations.map(({ tag }) => tag);
const broken: Migration = {
  tag: '9999_broken',
  when: 9_999_999_999_999,
  up: 'CREATE TABLE half (id int);--> statement-breakpoint\nSELECT 1/0',
  down: 'DROP TABLE half',
  hash: 'x',
};

let database: OwnDatabase;
let client: Client;
beforeEach(async () => {
  database = await emptyDatabase();
  client = await database.open();
});
afterEach(() => database.drop());

/** Every column, constraint and index there is, as Postgres itself describes them. */
async function schema(): Promise<unknown[]> {
  const { rows } = await client.query(`
    SELECT 'column' AS what, table_name AS "table", column_name AS name, data_type || is_nullable || coalesce(column_default, '') AS means
      FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'function', '', proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    ORDER BY 1, 2, 3`);
  return rows;
}

test('up, down, up gives the same schema, and all the way down leaves nothing', async () => {
  expect(await up(client, migrations)).toEqual(tags);
  const first = await schema();
  expect(first.length).toBeGreaterThan(50);
  for (const tag of tags.toReversed()) expect(await down(client, migrations)).toBe(tag);
  expect(await schema()).toEqual([]);
  expect(await down(client, migrations)).toBeUndefined();
  expect(await up(client, migrations)).toEqual(tags);
  expect(await schema()).toEqual(first);
});

test('one step down and up again gives the same schema', async () => {
  await up(client, migrations);
  const before = await schema();
  await down(client, migrations);
  expect(await up(client, migrations)).toEqual(tags.slice(-1));
  expect(await schema()).toEqual(before);
});

test('what npm run dev has applied is known here, and the other way round', async () => {
  await migratePostgres(database.url, false);
  expect(await up(client, migrations)).toEqual([]);
  expect((await status(client, migrations)).every(({ appliedAt }) => appliedAt !== null)).toBe(true);
  await down(client, migrations);
  await up(client, migrations);
  await migratePostgres(database.url, false);
  expect((await client.query('SELECT FROM drizzle.__drizzle_migrations')).rowCount).toBe(tags.length);
});

test.each([
  ['edited', `UPDATE drizzle.__drizzle_migrations SET hash = 'another'`],
  ['made anew', `UPDATE drizzle.__drizzle_migrations SET hash = 'another', created_at = created_at - 1`],
  [
    'of an older folder',
    `UPDATE drizzle.__drizzle_migrations SET hash = 'another', created_at = created_at + 1`,
  ],
])(
  'a migration that was %s after it was applied is refused by name, and nothing is done',
  async (_, change) => {
    await up(client, migrations);
    await client.query(change);
    const before = await schema();
    for (const command of [up, status, down]) {
      const refusal = expect(command(client, migrations), command.name).rejects;
      await refusal.toThrow(/migrated with another \d{4}_\w+ than the one in|is not in .\/migrations/);
    }
    await expect(migratePostgres(database.url, false)).rejects.toThrow('was migrated with another');
    expect(await schema()).toEqual(before);
  },
);

test('a release before the newest migration finds its schema in order', async () => {
  await up(client, migrations);
  await client.query(
    `INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('newer', 9999999999999)`,
  );
  expect(await up(client, migrations)).toEqual([]);
  expect((await status(client, migrations)).every(({ appliedAt }) => appliedAt !== null)).toBe(true);
  await migratePostgres(database.url, false);
  await expect(down(client, migrations)).rejects.toThrow('is not in ./migrations');
});

test('five that run at once apply each migration once', async () => {
  const clients = await Promise.all(Array.from({ length: 5 }, () => database.open()));
  const applied = await Promise.all(clients.map((each) => up(each, migrations)));
  expect(applied.flat().sort()).toEqual([...tags].sort());
  expect((await client.query('SELECT FROM drizzle.__drizzle_migrations')).rowCount).toBe(tags.length);
});

test('a migration that fails leaves nothing of itself, and is named', async () => {
  await up(client, migrations);
  const before = await schema();
  await expect(up(client, [...migrations, broken])).rejects.toThrow(
    '9999_broken.sql failed and nothing of it was applied',
  );
  expect(await schema()).toEqual(before);
  expect((await status(client, [...migrations, broken])).at(-1)).toMatchObject({
    tag: '9999_broken',
    appliedAt: null,
  });
});

test('a migration that cannot be reversed says so and changes nothing', async () => {
  await up(client, migrations);
  const stuck = migrations.map((migration) => ({ ...migration, down: undefined }));
  await expect(down(client, stuck)).rejects.toThrow('cannot be reversed');
  expect((await status(client, migrations)).at(-1)?.appliedAt).not.toBeNull();
});

test('the commands work from the command line, and refuse a foreign database and the pooled endpoint', async () => {
  const run = (command: string, url: string, ...more: string[]) =>
    cli(['migrate', command, ...more], { env: { DATABASE_URL: url } });
  const yes = ['--yes', new URL(database.url).pathname.slice(1)];
  expect((await run('status', database.url)).stdout).toContain(`pending  ${tags[0]}`);
  expect(await run('up', database.url)).toMatchObject({
    status: 0,
    stdout: tags.map((tag) => `applied ${tag}\n`).join(''),
  });
  expect(await run('down', database.url, ...yes)).toMatchObject({
    status: 0,
    stdout: `reversed ${tags.at(-1)}\n`,
  });
  expect((await run('up', database.url)).status).toBe(0);
  await client.query(`UPDATE drizzle.__drizzle_migrations SET hash = 'another'`);
  for (const command of ['up', 'status', 'down']) {
    const { status: exit, stdout, stderr } = await run(command, database.url);
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: '' });
    expect(stderr).toMatch(/^The database was migrated with another .+\.\n$/);
  }
  const pooled = await run('up', 'postgresql://a:secret-marker@ep-x-pooler.eu.aws.neon.tech/db');
  expect(pooled.status).toBe(1);
  expect(pooled.stderr).toContain('pooled endpoint');
  expect(pooled.stderr).not.toContain('secret-marker');
});

test('without DATABASE_URL they are about the database of npm run dev, and refuse while it runs', async () => {
  const { folder, remove } = copyCheckout();
  const run = (command: string, ...more: string[]) =>
    cliProcess(['migrate', command, ...more], { cwd: folder });
  try {
    expect((await run('status')).stdout).toContain(`pending  ${tags[0]}`);
    expect((await run('up')).stdout).toBe(tags.map((tag) => `applied ${tag}\n`).join(''));
    expect((await run('down', '--yes', 'postgres')).stdout).toBe(`reversed ${tags.at(-1)}\n`);
    expect(await run('up')).toMatchObject({ status: 0, stderr: '' });
    const stack = createServer().listen(join(folder, '.data/stack.sock'));
    await once(stack, 'listening');
    const busy = await run('up');
    stack.close();
    expect(busy.stderr).toContain('is running already: stop it first');
  } finally {
    remove();
  }
});
