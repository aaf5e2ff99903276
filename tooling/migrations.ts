/**
 * Applies the migrations of ./migrations, one transaction each, for `npm run migrate:*` and `npm run dev`. The journal
 * is that of drizzle (`drizzle.__drizzle_migrations`), so its tools understand it. Each transaction first takes an
 * advisory lock and then reads the journal: two runs at the same time apply each file once.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, UserError } from './user-error.ts';

export type Migration = { tag: string; when: number; up: string; down: string | undefined; hash: string };

export type Status = { tag: string; appliedAt: number | null; hasDown: boolean };

/** A connection, as `pg` gives it. */
export type Connection = { query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }> };

/** What to do with a database that was migrated with other files. */
const OTHER_FILES = 'check out the release it was migrated with, or restore a branch of the database';

/** Any number, as long as nothing else of ours uses it for a lock. */
const LOCK = 4_801_372_065;
const BREAK = '--> statement-breakpoint';
const JOURNAL = 'drizzle.__drizzle_migrations';

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

/** The entry of an applied migration in the journal. */
type Applied = { when: number; hash: string };

/**
 * The name of a migration that the database and the folder do not share: it was changed or made again after it was
 * applied, or it is missing. Migrations of a newer release are fine, since by our rules the release before works with
 * its schema.
 */
function differing(applied: Applied[], migrations: Migration[]): string | undefined {
  const last = Math.max(...applied.map(({ when }) => when));
  const changed = migrations.find(({ when, hash }) => {
    const row = applied.find((one) => one.when === when);
    return row === undefined ? when < last : row.hash !== hash;
  });
  const newest = migrations.at(-1);
  const isForeign = ({ when }: Applied) =>
    newest !== undefined && when < newest.when && !migrations.some((migration) => migration.when === when);
  return changed?.tag ?? (applied.some(isForeign) ? newest?.tag : undefined);
}

async function readJournal(client: Connection): Promise<Applied[]> {
  const { rows } = await client.query(`SELECT hash, created_at FROM ${JOURNAL}`);
  return (rows as { hash: string; created_at: string }[]).map((row) => ({
    hash: row.hash,
    when: Number(row.created_at),
  }));
}

/**
 * Applies pending migrations, in order, and gives their names. The first failure stops; those before it stay applied.
 */
export async function up(
  client: Connection,
  migrations: Migration[],
  wayOut = OTHER_FILES,
): Promise<string[]> {
  const applied: string[] = [];
  for (const migration of migrations) {
    const isNew = await locked(client, `${migration.tag}.sql`, async (journal) => {
      assertCommon(journal, migrations, wayOut);
      if (journal.some(({ when }) => when === migration.when)) return false;
      await run(client, migration.up);
      await client.query(`INSERT INTO ${JOURNAL} (hash, created_at) VALUES ($1, $2)`, [
        migration.hash,
        migration.when,
      ]);
      return true;
    });
    if (isNew) applied.push(migration.tag);
  }
  return applied;
}

export type DownOptions = {
  /** The expected migration. Another one is not reversed. */
  tag?: string | undefined;
  /** Whether the first migration may be reversed although there are people. */
  destroyData?: boolean;
};

/** Reverses the newest migration. Undefined when there is none. */
export async function down(
  client: Connection,
  migrations: Migration[],
  { tag, destroyData = false }: DownOptions = {},
): Promise<string | undefined> {
  return locked(client, 'The reverse', async (journal) => {
    if (journal.length === 0) return undefined;
    const last = Math.max(...journal.map(({ when }) => when));
    const migration = migrations.find(({ when }) => when === last);
    if (migration === undefined) {
      throw new UserError(
        'The newest migration of the database is not in ./migrations: check out the release that has it.',
      );
    }
    assertCommon(journal, migrations);
    if (tag !== undefined && tag !== migration.tag) {
      throw new UserError(`${tag} is not the newest migration any more, and nothing was changed.`);
    }
    if (migration.down === undefined) {
      throw new UserError(
        `${migration.tag} cannot be reversed: write migrations/${migration.tag}.down.sql, or restore a branch of the database.`,
      );
    }
    if (migration === migrations[0] && !destroyData) await assertNobody(client, migration);
    await run(client, migration.down);
    await client.query(`DELETE FROM ${JOURNAL} WHERE created_at = $1`, [last]);
    return migration.tag;
  });
}

/** The lock keeps new sign-ups out between the count and the drop. */
async function assertNobody(client: Connection, { tag }: Migration): Promise<void> {
  await client.query('LOCK TABLE users IN ACCESS EXCLUSIVE MODE');
  const { rows } = await client.query('SELECT FROM users LIMIT 1');
  if (rows.length === 0) return;
  throw new UserError(
    `There are people in the database: ${tag} is the first migration, and taking it back destroys them all. Nothing was changed; --destroy-data does it.`,
  );
}

export async function status(client: Connection, migrations: Migration[]): Promise<Status[]> {
  const applied = await locked(client, 'The journal', async (journal) => {
    assertCommon(journal, migrations);
    return new Set(journal.map(({ when }) => when));
  });
  return migrations.map(({ tag, when, down: back }) => ({
    tag,
    appliedAt: applied.has(when) ? when : null,
    hasDown: back !== undefined,
  }));
}

/** An unknown database is left alone. */
function assertCommon(journal: Applied[], migrations: Migration[], wayOut = OTHER_FILES): void {
  const tag = differing(journal, migrations);
  if (tag === undefined) return;
  throw new UserError(
    `The database was migrated with another ${tag} than the one in ./migrations, and nothing was changed: ${wayOut}.`,
  );
}

/** Runs `work` as one transaction behind the lock, with the journal. */
async function locked<T>(
  client: Connection,
  what: string,
  work: (journal: Applied[]) => Promise<T>,
): Promise<T> {
  await client.query('BEGIN');
  try {
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    await client.query('CREATE SCHEMA IF NOT EXISTS drizzle');
    await client.query(
      `CREATE TABLE IF NOT EXISTS ${JOURNAL} (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint)`,
    );
    const result = await work(await readJournal(client));
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    if (error instanceof UserError) throw error;
    throw new UserError(`${what} failed and nothing of it was applied: ${messageOf(error)}.`);
  }
}

async function run(client: Connection, text: string): Promise<void> {
  for (const statement of text.split(BREAK)) await client.query(statement);
}
