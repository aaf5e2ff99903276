/** What `npm run dev` makes of the database it finds. */
import type { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { migratePostgres } from '../../dev/migrate.ts';
import { RESET } from '../../tooling/local-database.ts';
import { UserError } from '../../tooling/user-error.ts';
import { emptyDatabase, type OwnDatabase } from '../support/own-database.ts';

const FIRST = 'FROM drizzle.__drizzle_migrations WHERE id = 1';

let database: OwnDatabase;
let db: Client;
let journal: { hash: string; created_at: number };
beforeAll(async () => {
  database = await emptyDatabase();
  await migrate();
  db = await database.open();
  const { rows } = await db.query<typeof journal>(`SELECT hash, created_at ${FIRST}`);
  if (!rows[0]) throw new Error('a migration was applied');
  journal = rows[0];
});
beforeEach(() =>
  db.query('UPDATE drizzle.__drizzle_migrations SET hash = $1, created_at = $2 WHERE id = 1', [
    journal.hash,
    journal.created_at,
  ]),
);
afterAll(() => database.drop());

const migrate = () => migratePostgres(database.url, false, RESET);

it('a database that is up to date stays as it is', async () => {
  await db.query(`INSERT INTO mail_suppressions VALUES ('ada@example.com', 'bounced', now())`);
  await migrate();
  expect((await db.query('SELECT address FROM mail_suppressions')).rows).toHaveLength(1);
});

it.each([
  ['edited', `UPDATE drizzle.__drizzle_migrations SET hash = 'another' WHERE id = 1`],
  [
    'made anew',
    `UPDATE drizzle.__drizzle_migrations SET hash = 'another', created_at = created_at - 1 WHERE id = 1`,
  ],
  [
    'of an older folder',
    `UPDATE drizzle.__drizzle_migrations SET hash = 'another', created_at = created_at + 1 WHERE id = 1`,
  ],
])(
  'an old database whose migration was %s is refused in one sentence that names the cure',
  async (_, change) => {
    await db.query(change);
    const error: unknown = await migrate().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect(String(error)).toMatch(
      /^UserError: The database was migrated with another \d{4}_\w+ than the one in .\/migrations, and nothing was changed: `npm run dev:reset` starts from an empty one\.$/,
    );
  },
);
