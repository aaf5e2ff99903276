/**
 * People who are moved in from another system, hundreds in one statement. The statement takes the rows, counts what
 * became of them and says how far the run has come. So a run that is killed has counted exactly what it wrote.
 */
import { type SQL, sql } from 'drizzle-orm';
import * as z from 'zod';
import { lockAddresses } from './address-lock.ts';
import { type Db, instant } from './db.ts';
import { isReservedFor } from './email-change-undo.ts';
import { column, run, statement } from './statement.ts';

/** A row that passed all checks. Bytes are in hexadecimal. */
export type ImportedPerson = {
  row: number;
  id: string;
  externalId: string;
  email: string;
  /** The key by which the codes of a sign-up that waits are counted (mail-lanes.ts). */
  recipientKey: string;
  isProven: boolean;
  isDisabled: boolean;
  name: string;
  locale: string;
  createdAt: Date;
  /** Null: only a reset opens the account. */
  passwordHash: string | null;
  totp: { sealed: string; keyId: string } | null;
};

export type ImportReject = { row: number; externalId: string | null; reason: string };

/** `from` and `to` are numbers of rows in the file. `counts` are the rows that were never sent, by what became of them. */
export type Portion = {
  runId: string;
  source: string;
  from: number;
  to: number;
  people: readonly ImportedPerson[];
  rejects: readonly ImportReject[];
  pendingUntil: Date;
};

const counts = z.record(z.string(), z.number());

/**
 * Takes a portion of rows. Undefined when the run is no longer where it was: another process took them, or the run is
 * undone. The parts, in their order:
 *
 * - `gate`: the run, locked, if it is still at `from`.
 * - `person`, `judged`: the rows, and whether each is new.
 * - `replaced`: an imported sign-up without proof loses its address to a row with proof.
 * - `added`, `token`, `factor`: the people and what they own. A sign-up waits for a code, which no mail has brought yet.
 * - `ended`, `rejected`, `progress`: what became of each row, the rows that were not taken, and the counts.
 */
export async function takePortion(
  db: Db,
  portion: Portion,
  now: Date,
): Promise<Record<string, number> | undefined> {
  const { runId, source, from, to, people, rejects, pendingUntil } = portion;
  const taken = statement({
    parts: {
      gate: sql`
        SELECT id FROM import_runs
        WHERE id = ${runId}::uuid AND rows_done = ${from} AND finished_at IS NULL AND undone_at IS NULL FOR UPDATE`,
      person: sql`
        SELECT one.* FROM gate, ${persons(people)}`,
      judged: sql`SELECT person.*, ${verdict(source, now)} AS verdict FROM person`,
      replaced: sql`
        DELETE FROM users USING judged
        WHERE verdict = 'new' AND "isProven" AND users.email = judged.email AND users.email_verified_at IS NULL
          AND users.external_source IS NOT NULL`,
      added: addPeople(source, runId, pendingUntil, now),
      token: sql`
        INSERT INTO verification_tokens
          (id, user_id, purpose, recipient_key, mail_id, key_id, code_mac, code_expires_at, expires_at, created_at)
        SELECT gen_random_uuid(), added.id, 'verify_email', decode("recipientKey", 'hex'), gen_random_uuid(), 'none', '',
          '-infinity', ${instant(pendingUntil)}, ${instant(now)}
        FROM added JOIN judged ON judged.id = added.id WHERE NOT "isProven"`,
      factor: sql`
        INSERT INTO totp_factors (user_id, sealed, key_id, created_at)
        SELECT added.id, decode(totp->>'sealed', 'hex'), totp->>'keyId', ${instant(now)}
        FROM added JOIN judged ON judged.id = added.id WHERE jsonb_typeof(totp) = 'object'`,
      ended: sql`
        SELECT judged.row, "externalId", CASE WHEN verdict <> 'new' THEN verdict WHEN added.id IS NULL THEN 'address_taken'
          WHEN NOT "isProven" THEN 'pending' WHEN "passwordHash" IS NULL THEN 'without_password' ELSE 'imported' END AS ending
        FROM judged LEFT JOIN added ON added.id = judged.id`,
      refused: sql`
        SELECT one.* FROM gate, jsonb_to_recordset(${JSON.stringify(rejects)}::jsonb)
          AS one (row int, "externalId" text, reason text)
        UNION ALL
        SELECT row, "externalId", ending FROM ended WHERE ending IN ('address_taken', 'id_taken')`,
      rejected: sql`
        INSERT INTO import_rejects (run_id, row, external_id, reason)
        SELECT gate.id, row, "externalId", reason FROM gate, refused`,
      progress: countEnds(to),
    },
    select: sql`SELECT counts FROM progress`,
    row: { counts },
  });
  const emails = people.map(({ email }) => email);
  const [done] = await run(db, taken, { locks: [lockAddresses(emails)] });
  return done?.counts;
}

const persons = (people: readonly ImportedPerson[]): SQL => sql`
  jsonb_to_recordset(${JSON.stringify(people)}::jsonb) AS one (row int, id uuid, "externalId" text, email text,
    "recipientKey" text, "isProven" boolean, "isDisabled" boolean, name text, locale text, "createdAt" timestamptz,
    "passwordHash" text, totp jsonb)`;

/** What would become of the rows: for a dry run, which changes nothing. Rows of one file are not compared with each other. */
export async function judgePortion(
  db: Db,
  source: string,
  people: readonly ImportedPerson[],
  now: Date,
): Promise<{ row: number; verdict: string }[]> {
  const parts = { person: sql`SELECT one.* FROM ${persons(people)}` };
  const select = sql`SELECT row, ${verdict(source, now)} AS verdict FROM person`;
  return run(db, statement({ parts, select, row: { row: column.integer, verdict: column.text } }));
}

/** An expression on `person`. A row that is there already is none of the rejects: the file was imported before. */
const verdict = (source: string, now: Date): SQL => sql`
  CASE WHEN EXISTS (SELECT FROM users u WHERE u.external_id = person."externalId" AND u.external_source = ${source})
    THEN 'already_imported'
  WHEN EXISTS (SELECT FROM users u WHERE u.id = person.id) THEN 'id_taken'
  WHEN EXISTS (SELECT FROM users u WHERE u.email = person.email AND u.email_verified_at IS NOT NULL)
    OR NOT "isProven" AND EXISTS (SELECT FROM users u
      WHERE u.email = person.email AND u.email_verified_at IS NULL AND u.external_source IS NOT NULL)
    OR ${isReservedFor(sql`person.email`, sql`NULL`, now)} THEN 'address_taken'
  ELSE 'new' END`;

const addPeople = (source: string, runId: string, pendingUntil: Date, now: Date): SQL => sql`
  INSERT INTO users (id, email, name, password_hash, password_changed_at, external_source, external_id, import_run_id,
    email_verified_at, pending_expires_at, disabled_at, disabled_by, locale, created_at)
  SELECT id, email, name, "passwordHash", ${instant(now)}, ${source}, "externalId", ${runId}::uuid,
    CASE WHEN "isProven" THEN ${instant(now)} END, CASE WHEN NOT "isProven" THEN ${instant(pendingUntil)} END,
    CASE WHEN "isDisabled" THEN ${instant(now)} END, CASE WHEN "isDisabled" THEN 'import' END, locale, "createdAt"
  FROM judged WHERE verdict = 'new'
  ON CONFLICT DO NOTHING RETURNING id`;

const countEnds = (to: number): SQL => sql`
  UPDATE import_runs r SET rows_done = ${to}, counts = (
    SELECT coalesce(jsonb_object_agg(name, n), '{}') FROM (
      SELECT name, sum(n)::bigint AS n FROM (
        SELECT key AS name, value::bigint AS n FROM jsonb_each_text(r.counts)
        UNION ALL SELECT ending, 1 FROM ended WHERE ending NOT IN ('address_taken', 'id_taken')
        UNION ALL SELECT 'rejected: ' || reason, 1 FROM refused
      ) ends GROUP BY name
    ) summed)
  FROM gate WHERE r.id = gate.id RETURNING r.counts`;

/** The table can be read by the owner alone, and what is said of a row here names nobody. */
export type ImportRun = {
  id: string;
  source: string;
  file: string;
  rowsDone: number;
  counts: Record<string, number>;
  startedAt: Date;
  finishedAt: Date | null;
  undoneAt: Date | null;
};

const importRun = {
  id: column.uuid,
  source: column.text,
  file: column.text,
  rowsDone: column.integer,
  counts,
  startedAt: column.instant,
  finishedAt: column.instant.nullable(),
  undoneAt: column.instant.nullable(),
};

const COLUMNS = sql`id, source, file, rows_done AS "rowsDone", counts, started_at AS "startedAt",
  finished_at AS "finishedAt", undone_at AS "undoneAt"`;

/** Writes down that a run begins, before it takes anything. */
export async function beginImport(
  db: Db,
  { id, source, file }: Pick<ImportRun, 'id' | 'source' | 'file'>,
  now: Date,
): Promise<void> {
  const parts = {
    begun: sql`
      INSERT INTO import_runs (id, source, file, started_at)
      VALUES (${id}::uuid, ${source}, ${file}, ${instant(now)}) RETURNING id`,
  };
  await run(db, statement({ parts, select: sql`SELECT id FROM begun`, row: { id: column.uuid } }));
}

/** All runs, newest first. */
export async function listImports(db: Db): Promise<ImportRun[]> {
  const select = sql`SELECT ${COLUMNS} FROM import_runs ORDER BY started_at DESC, id DESC`;
  return run(db, statement({ select, row: importRun }));
}
