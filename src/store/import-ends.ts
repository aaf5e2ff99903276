/** The end of an import: its files, what is left of it, and its undoing. */
import { sql } from 'drizzle-orm';
import * as z from 'zod';
import type { Db } from './db.ts';
import { instant } from './db.ts';
import type { ImportReject } from './imports.ts';
import { column, run, statement } from './statement.ts';

/** How many rows a page has, or a statement deletes. */
const PAGE = 1_000;

/** People of the source, after the id `after` there: that id and the id here, which tokens call `sub`. */
export async function listImported(
  db: Db,
  source: string,
  after: string,
): Promise<{ externalId: string; sub: string }[]> {
  const select = sql`
    SELECT external_id AS "externalId", id AS sub FROM users
    WHERE external_id IS NOT NULL AND external_source = ${source} AND external_id > ${after}
    ORDER BY external_id LIMIT ${PAGE}`;
  return run(db, statement({ select, row: { externalId: column.text, sub: column.uuid } }));
}

/** The rows that the run did not take, in the order of the file, after `after`. */
export async function listRejects(db: Db, runId: string, after: number): Promise<ImportReject[]> {
  const select = sql`
    SELECT row, external_id AS "externalId", reason FROM import_rejects
    WHERE run_id = ${runId}::uuid AND row > ${after} ORDER BY row LIMIT ${PAGE}`;
  const row = { row: column.integer, externalId: column.text.nullable(), reason: column.text };
  return run(db, statement({ select, row }));
}

/** The files are written. The rejects are needed no more. */
export async function finishImport(db: Db, runId: string, now: Date): Promise<void> {
  const parts = {
    finished: sql`
      UPDATE import_runs SET finished_at = ${instant(now)} WHERE id = ${runId}::uuid AND finished_at IS NULL RETURNING id`,
    forgotten: sql`DELETE FROM import_rejects USING finished WHERE run_id = finished.id`,
  };
  await run(db, statement({ parts, select: sql`SELECT id FROM finished`, row: { id: column.uuid } }));
}

/** From now on the run cannot be resumed. False when there is no such run. */
export async function beginUndo(db: Db, runId: string, now: Date): Promise<boolean> {
  const parts = {
    undone: sql`
      UPDATE import_runs SET undone_at = coalesce(undone_at, ${instant(now)}) WHERE id = ${runId}::uuid RETURNING id`,
    forgotten: sql`DELETE FROM import_rejects USING undone WHERE run_id = undone.id`,
  };
  const found = await run(
    db,
    statement({ parts, select: sql`SELECT id FROM undone`, row: { id: column.uuid } }),
  );
  return found.length === 1;
}

/** What happens to a person without their doing. Whoever has any other event, or a session, has used the account. */
const BY_STRANGERS = sql`('login.failed', 'login.throttled', 'password.disabled', 'reset.requested', 'verify.resent',
  'verify.failed', 'otp.exhausted')`;

const isUsed = sql`(
  EXISTS (SELECT FROM user_sessions s WHERE s.user_id = u.id)
  OR EXISTS (SELECT FROM security_events e WHERE e.user_id = u.id AND e.kind NOT IN ${BY_STRANGERS}))`;

/**
 * Removes people of the run, after the id `after`, whom nobody has used since. They are locked before it is asked who was
 * used: a login that is under way is seen, or finds nobody. Gives how many were removed and the id to go on after; null at the end.
 */
export async function undoPortion(
  db: Db,
  runId: string,
  after: string,
): Promise<{ removed: number; last: string | null }> {
  const undone = statement({
    parts: {
      candidate: sql`
        SELECT id FROM users WHERE import_run_id = ${runId}::uuid AND id > ${after}::uuid ORDER BY id LIMIT ${PAGE}`,
      removed: sql`
        DELETE FROM users u WHERE id = ANY(ARRAY(SELECT id FROM candidate)) AND NOT ${isUsed} RETURNING 1`,
    },
    select: sql`
      SELECT (SELECT count(*) FROM removed) AS removed, (SELECT id FROM candidate ORDER BY id DESC LIMIT 1) AS last`,
    row: { removed: column.integer, last: column.uuid.nullable() },
  });
  const lock = sql`
    SELECT FROM users WHERE import_run_id = ${runId}::uuid AND id > ${after}::uuid ORDER BY id LIMIT ${PAGE} FOR UPDATE`;
  const [portion] = await run(db, undone, { locks: [lock] });
  return portion ?? { removed: 0, last: null };
}

/** How many people the run has left. */
export async function countOfRun(db: Db, runId: string): Promise<number> {
  const select = sql`SELECT count(*) AS n FROM users WHERE import_run_id = ${runId}::uuid`;
  const [row] = await run(db, statement({ select, row: { n: column.integer } }));
  return row?.n ?? 0;
}

/**
 * How many imported records are left, by format and pepper. Reads all people: for an operator who asks whether
 * IMPORT_FORMATS can go.
 */
export async function countImportedRecords(
  db: Db,
): Promise<{ format: string; keyId: string; people: number; waiting: number }[]> {
  const select = sql`
    SELECT part[1] AS format, part[2] AS "keyId", count(*) AS people,
      count(*) FILTER (WHERE email_verified_at IS NULL) AS waiting
    FROM users, regexp_match(password_hash, '^\\$imported\\$(.+),l=\\d+,keyid=([^$]+)\\$') AS part
    WHERE password_hash LIKE '$imported$%' GROUP BY 1, 2 ORDER BY 1, 2`;
  const row = { format: z.string(), keyId: z.string(), people: column.integer, waiting: column.integer };
  return run(db, statement({ select, row }));
}
