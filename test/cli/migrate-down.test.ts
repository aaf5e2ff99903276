/** `migrate down` destroys data: it does so only to the database that one has named. */
import { spawnSync } from 'node:child_process';
import type { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { down, readMigrations, up } from '../../tooling/migrations.ts';
import { cli } from '../support/cli.ts';
import { emptyDatabase, type OwnDatabase } from '../support/own-database.ts';

const migrations = readMigrations('migrations');
const [first] = migrations;
const newest = migrations.at(-1)?.tag;

let database: OwnDatabase;
let client: Client;
let name: string;
beforeEach(async () => {
  database = await emptyDatabase();
  name = new URL(database.url).pathname.slice(1);
  client = await database.open();
  await up(client, migrations);
});
afterEach(() => database.drop());

const migrateDown = (...words: string[]) =>
  cli(['migrate', 'down', ...words], { env: { DATABASE_URL: database.url } });

/** As many migrations as are applied. */
async function applied(): Promise<number | null> {
  return (await client.query('SELECT FROM drizzle.__drizzle_migrations')).rowCount;
}

async function addPerson(): Promise<void> {
  await client.query(`INSERT INTO users (id, email, name, password_hash, password_changed_at, email_verified_at, created_at)
    VALUES (gen_random_uuid(), 'ada@example.com', 'Ada', 'x', now(), now(), now())`);
}

/** Takes back all but the first, which is the one with the people. */
async function onlyTheFirst(): Promise<void> {
  for (const _ of migrations.slice(1)) await down(client, migrations);
}

test('without a terminal and without --yes it shows host, database and rows, and does nothing', async () => {
  await addPerson();
  const { status, stdout, stderr } = await migrateDown();
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain(`This reverses ${newest}.\n  host      127.0.0.1\n  database  ${name}\n`);
  expect(stderr).toMatch(/^ +1 {2}rows in users$/m);
  expect(stderr).toMatch(/^ +0 {2}rows in email_outbox$/m);
  expect(stderr).toContain(`error: this destroys data: add --yes ${name}`);
  expect(await applied()).toBe(migrations.length);
});

test('with the name of another database it does nothing', async () => {
  expect(await migrateDown('--yes', 'gatehouse')).toMatchObject({ status: 1, stdout: '' });
  expect(await applied()).toBe(migrations.length);
});

test('with the name of the database it reverses the newest migration', async () => {
  expect(await migrateDown('--yes', name, '--json')).toMatchObject({
    status: 0,
    stdout: `${JSON.stringify({ takenBack: newest })}\n`,
  });
  expect(await applied()).toBe(migrations.length - 1);
});

test('the first migration is not reversed while there are people, except with --destroy-data', async () => {
  await onlyTheFirst();
  await addPerson();
  const { status, stdout, stderr } = await migrateDown('--yes', name);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain(`There are people in the database: ${first?.tag} is the first migration`);
  expect((await client.query('SELECT FROM users')).rowCount).toBe(1);
  expect(await migrateDown('--yes', name, '--destroy-data')).toMatchObject({
    status: 0,
    stdout: `reversed ${first?.tag}\n`,
  });
  expect(await applied()).toBe(0);
});

test('somebody who signs up while it begins is waited for, and is not destroyed', async () => {
  await onlyTheFirst();
  await client.query('BEGIN');
  await addPerson();
  const [other, watcher] = [await database.open(), await database.open()];
  const taking = down(other, migrations);
  const refusal = expect(taking).rejects.toThrow('There are people in the database');
  // It has reached the lock on `users` that the sign-up holds.
  await expect
    .poll(
      async () =>
        (
          await watcher.query(
            `SELECT FROM pg_locks WHERE NOT granted AND relation = 'users'::regclass
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
          )
        ).rowCount,
    )
    .toBe(1);
  await client.query('COMMIT');
  await refusal;
  expect(await applied()).toBe(1);
});

test('a migration that is not the newest any more is not reversed', async () => {
  await expect(down(client, migrations, { tag: '0000_another' })).rejects.toThrow(
    'is not the newest migration',
  );
  expect(await applied()).toBe(migrations.length);
});

test('on a terminal the name is typed', () => {
  const answered = (typed: string) =>
    spawnSync('script', ['-qec', `${process.execPath} cli/main.ts migrate down`, '/dev/null'], {
      encoding: 'utf8',
      input: typed,
      env: { PATH: process.env.PATH, DATABASE_URL: database.url },
    });
  expect(answered('yes\n')).toMatchObject({
    status: 1,
    stdout: expect.stringContaining(`That is not ${name}`),
  });
  expect(answered(`${name}\n`)).toMatchObject({
    status: 0,
    stdout: expect.stringContaining(`reversed ${newest}`),
  });
});
