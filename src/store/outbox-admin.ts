/** What operators see of the outbox and do with it: `npm run mail` and the mailbox page. */
import { type SQL, sql } from 'drizzle-orm';
import type * as z from 'zod';
import type { Db } from './db.ts';
import { isSuppressed } from './outbox-claim.ts';
import { column, run, statement } from './statement.ts';

export type MailFilter = {
  id?: string | undefined;
  status?: string | undefined;
  kind?: string | undefined;
  /** An address in its canonical form. */
  to?: string | undefined;
  /** The day (UTC) on which the mail was written, as `2026-11-22`. */
  day?: string | undefined;
};

/** Times are ISO 8601 in UTC, to the second. */
const mailRecord = {
  id: column.uuid,
  kind: column.text,
  status: column.text,
  attempts: column.integer,
  failure: column.text.nullable(),
  report: column.text.nullable(),
  to: column.text.nullable(),
  isSuppressed: column.boolean,
  createdAt: column.text,
  dueAt: column.text.nullable(),
  finishedAt: column.text.nullable(),
  providerId: column.text.nullable(),
};

export type MailRecord = z.output<z.ZodObject<typeof mailRecord>>;

/** In UTC, whatever the time zone of the database session is. */
const utc = (column: SQL): SQL => sql`to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

/** A condition: the mail would not be sent, because its address is suppressed. */
const isSkipped = sql`EXISTS (SELECT FROM mail_suppressions s WHERE s.address = o.recipient AND ${isSuppressed})`;

const matches = ({ id, status, kind, to, day }: MailFilter): SQL => sql`
  (${id ?? null}::uuid IS NULL OR o.id = ${id ?? null}::uuid)
  AND (${status ?? null}::text IS NULL OR o.status = ${status ?? null}::text)
  AND (${kind ?? null}::text IS NULL OR o.kind = ${kind ?? null}::text)
  AND (${to ?? null}::text IS NULL OR o.recipient = ${to ?? null}::text)
  AND (${day ?? null}::text IS NULL OR (o.created_at >= (${day ?? null}::date)::timestamp AT TIME ZONE 'UTC'
    AND o.created_at < (${day ?? null}::date + 1)::timestamp AT TIME ZONE 'UTC'))`;

/** Newest first. */
export async function listMails(db: Db, filter: MailFilter, limit: number): Promise<MailRecord[]> {
  const select = sql`
    SELECT o.id, o.kind, o.status, o.attempts, o.failure, o.report, o.recipient AS "to",
      ${isSkipped} AS "isSuppressed", ${utc(sql`o.created_at`)} AS "createdAt", ${utc(sql`o.due_at`)} AS "dueAt",
      ${utc(sql`o.finished_at`)} AS "finishedAt", o.provider_id AS "providerId"
    FROM email_outbox o
    WHERE ${matches(filter)}
    ORDER BY o.created_at DESC, o.id DESC
    LIMIT ${limit}`;
  return run(db, statement({ select, row: mailRecord }));
}

/**
 * Makes failed mails pending again, with all their attempts, and gives their ids. With an `id`, that mail may also be
 * one that was skipped. The sweep sends them within a minute. Mail that was sent, is on its way, or would only be
 * skipped again is left alone.
 */
export async function replayMails(db: Db, filter: MailFilter): Promise<string[]> {
  const statuses = filter.id === undefined ? sql`('failed')` : sql`('failed', 'skipped')`;
  const select = sql`
    UPDATE email_outbox o
    SET status = 'pending', attempts = 0, claimed_at = NULL, queued_at = NULL, finished_at = NULL, failure = NULL, due_at = NULL
    WHERE o.status IN ${statuses} AND o.recipient IS NOT NULL AND NOT ${isSkipped} AND ${matches(filter)}
    RETURNING o.id`;
  const rows = await run(db, statement({ select, row: { id: column.uuid } }));
  return rows.map(({ id }) => id);
}

/** Allows mail to the address again. False when it was allowed already. */
export async function liftSuppression(db: Db, address: string): Promise<boolean> {
  const select = sql`DELETE FROM mail_suppressions WHERE address = ${address} RETURNING address`;
  const lifted = await run(db, statement({ select, row: { address: column.text } }));
  return lifted.length === 1;
}
