/**
 * The migrations of ./migrations, one transaction each, over a real connection. The journal is the one that
 * drizzle's own migrator keeps (`drizzle.__drizzle_migrations`), so both agree on what has been applied. Each
 * transaction first takes an advisory lock and then reads the journal: two that run at once apply each file once.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from 'pg';
import { messageOf, StartError } from '../dev/start-error.ts';

export type Migration = { tag: string; when: number; up: string; down: string | undefined; hash: string };

export type Status = { tag: string; appliedAt: number | null; hasDown: boolean };

/** Any number will do as long as nothing else of ours locks it. */
const LOCK = 4_801_372_065;
const BREAK = '--> statement-breakpoint';

export function readMigrations(folder: string): Migration[] {
  const journal = JSON.parse(readFileSync(join(folder, 'meta/_journal.json'), 'utf8')) as {
    entries: { tag: string; when: number }[];
  };
  return journal.entries.map(({ tag, when }) => {
    const up = readFileSync(join(folder, `${tag}.sql`), 'utf8');
    const downFile = join(folder, `${tag}.down.sql`);
    return {
      tag,
      when,
      up,
      down: existsSync(downFile) ? readFileSync(downFile, 'utf8') : undefined,
      hash: createHash('sha256').update(up).digest('hex'),
    };
  });
}

/** Applies what is pending, in order, and answers with its names. The first that fails stops; those before it stay. */
export async function up(client: Client, migrations: Migration[]): Promise<string[]> {
  const applied: string[] = [];
  for (const migration of migrations) {
    const isNew = await locked(client, `${migration.tag}.sql`, async (last) => {
      if (last !== null && migration.when <= last) return false;
      await run(client, migration.up);
      await client.query('INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ($1, $2)', [
        migration.hash,
        migration.when,
      ]);
      return true;
    });
    if (isNew) applied.push(migration.tag);
  }
  return applied;
}

/** Takes back the newest migration; undefined when there is none. */
export async function down(client: Client, migrations: Migration[]): Promise<string | undefined> {
  return locked(client, 'The way down', async (last) => {
    if (last === null) return undefined;
    const migration = migrations.find(({ when }) => when === last);
    if (migration === undefined) {
      throw new StartError(
        'The newest migration of the database is not in ./migrations: check out the release that has it.',
      );
    }
    if (migration.down === undefined) {
      throw new StartError(
        `${migration.tag} has no way down: write migrations/${migration.tag}.down.sql, or restore a branch of the database.`,
      );
    }
    await run(client, migration.down);
    await client.query('DELETE FROM drizzle.__drizzle_migrations WHERE created_at = $1', [last]);
    return migration.tag;
  });
}

export async function status(client: Client, migrations: Migration[]): Promise<Status[]> {
  const applied = await locked(client, 'The journal', async () => {
    const { rows } = await client.query<{ created_at: string }>(
      'SELECT created_at FROM drizzle.__drizzle_migrations',
    );
    return new Set(rows.map((row) => Number(row.created_at)));
  });
  return migrations.map(({ tag, when, down: back }) => ({
    tag,
    appliedAt: applied.has(when) ? when : null,
    hasDown: back !== undefined,
  }));
}

/** `work` as one transaction behind the lock; it is given the time stamp of the newest migration applied. */
async function locked<T>(
  client: Client,
  what: string,
  work: (last: number | null) => Promise<T>,
): Promise<T> {
  await client.query('BEGIN');
  try {
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    await client.query('CREATE SCHEMA IF NOT EXISTS drizzle');
    await client.query(
      'CREATE TABLE IF NOT EXISTS drizzle.__drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint)',
    );
    const { rows } = await client.query<{ last: string | null }>(
      'SELECT max(created_at) AS last FROM drizzle.__drizzle_migrations',
    );
    const last = rows[0]?.last ?? null;
    const result = await work(last === null ? null : Number(last));
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    if (error instanceof StartError) throw error;
    throw new StartError(`${what} failed and nothing of it was applied: ${messageOf(error)}.`);
  }
}

async function run(client: Client, text: string): Promise<void> {
  for (const statement of text.split(BREAK)) await client.query(statement);
}
