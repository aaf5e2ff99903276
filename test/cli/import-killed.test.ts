/** An import that dies in the middle of a statement: what it wrote it has counted, and another process goes on from there. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { keyKinds } from '../../tooling/key-values.ts';
import { cli } from '../support/cli.ts';
import { type OwnDatabase, ownDatabase } from '../support/own-database.ts';

const ROWS = 2_600;
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-killed-'));
const path = join(folder, 'people.ndjson');
let database: OwnDatabase;
let client: Client;
let env: Record<string, string>;

beforeAll(async () => {
  database = await ownDatabase();
  client = await database.open();
  const { NEON_HTTP_URL } = inject('env');
  env = { DATABASE_URL: database.url, NEON_HTTP_URL, IMPORT_PEPPERS: keyKinds.IMPORT_PEPPERS.make() };
  // Every tenth has no address, and every fourth has the address of the one before.
  const row = (n: number) => ({
    id: `p${n}`,
    email: n % 10 === 0 ? undefined : `p${n % 4 === 0 ? n - 1 : n}@killed.example`,
    emailVerified: true,
  });
  writeFileSync(path, Array.from({ length: ROWS }, (_, n) => `${JSON.stringify(row(n))}\n`).join(''));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await database.drop();
});

const words = ['import', path, '--from', 'better-auth', '--out', folder, '--json'];
const rowsDone = async () => (await client.query('SELECT rows_done AS n FROM import_runs')).rows[0]?.n;
const waiting = async () =>
  (
    await client.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
  ).rowCount;

test('killed in the middle, resumed, undone: every row is counted once', async () => {
  // Somebody signs up with an address of the fourth portion: the import must wait for them.
  const busy = await database.open();
  await busy.query('BEGIN');
  await busy.query(`SELECT pg_advisory_xact_lock(hashtextextended('p1601@killed.example', 0))`);
  const child = spawn(process.execPath, ['cli/main.ts', ...words], {
    env: { PATH: process.env.PATH, ...env },
  });
  const ended = once(child, 'exit');
  await expect.poll(waiting).toBe(1);
  child.kill('SIGKILL');
  await ended;
  expect(await rowsDone()).toBe(1_500);
  await busy.query('COMMIT');
  // The statement that it had sent may still be taken, or not: both are right.
  await expect.poll(waiting).toBe(0);

  const refused = await cli(words, { env });
  expect([refused.status, refused.stderr]).toEqual([
    1,
    expect.stringContaining('is not finished: add --resume'),
  ]);
  const resumed = await cli([...words, '--resume'], { env });
  expect(resumed.stderr).toMatch(/^Run /);
  const { runId, counts, rows } = JSON.parse(resumed.stdout);
  // Of 650 rows with n % 4 = 0, 130 have n % 10 = 0 too; so have as many others.
  expect({ rows, counts }).toEqual({
    rows: ROWS,
    counts: { without_password: 1_820, 'rejected: no_address': 260, 'rejected: duplicate_address': 520 },
  });
  const { rows: people } = await client.query('SELECT count(*)::int AS n FROM users');
  expect(people).toEqual([{ n: 1_820 }]);

  const undone = await cli(['import', '--undo', runId, '--json'], { env });
  expect(JSON.parse(undone.stdout)).toEqual({ removed: 1_820, left: 0 });
  const again = await cli([...words, '--resume'], { env });
  expect(again.stderr).toContain('No unfinished run has read this file');
  expect((await client.query('SELECT count(*)::int AS n FROM users')).rows).toEqual([{ n: 0 }]);
});
