/**
 * The outbox. A row is born in the statement that causes the mail (`insertMail`), and moves
 * pending -> sending -> sent | skipped | failed under the jobs Worker. The row, not the queue, says whether a mail
 * is due, how often it was tried and when it is given up: a queue message is only a doorbell. A claim is a lease;
 * a consumer that died leaves one that ends, and whoever comes next sends again under the same key.
 */
import { type SQL, sql } from 'drizzle-orm';
import * as z from 'zod';
import { later } from '../lib/time.ts';
import { constant } from './constants.ts';
import { type Db, instant } from './db.ts';
import { type MailKind, mailKinds } from './mail-kinds.ts';
import { column, run, statement } from './statement.ts';

export const MAX_ATTEMPTS = 3;

/**
 * The provider keeps an idempotency key for 24 hours. Past this a letter whose fate is unknown is given up rather
 * than mailed twice: sending it again is for a person to decide (`npm run mail -- replay`).
 */
const KEY_SECONDS = 23 * 3_600;

/** Why a mail was never owed: its lane is full, or there is nobody it may go to. */
type SkipReason = 'budget' | 'no_account' | 'address_taken';

type NewMail = {
  id: string;
  /** A kind, or an expression that chooses between kinds (constants.ts). */
  kind: MailKind | SQL<MailKind>;
  userId: SQL;
  /** The address, which the mail keeps whatever becomes of the person's own. */
  recipient: SQL;
  /** For what strangers can cause: what it counts against (mail-lanes.ts). */
  recipientKey?: SQL;
  /** Why it is not to be sent, for the operator; NULL when it is. The row is written either way: equal work tells nothing. */
  skipped?: SQL<SkipReason | null>;
  eventId?: string;
  at: Date;
};

/** `INSERT ... SELECT`, to stand in a CTE; `from` is the FROM clause that says whether the mail is owed. */
export function insertMail(mail: NewMail, from: SQL): SQL {
  const { id, kind, userId, recipient, recipientKey = sql`NULL`, eventId = null, at } = mail;
  const skipped = sql`(${mail.skipped ?? sql`NULL`})::text`;
  return sql`
    INSERT INTO email_outbox (id, kind, user_id, recipient, recipient_key, event_id, status, failure, finished_at,
      created_at)
    SELECT ${id}::uuid, ${constant(kind)}, ${userId}, ${recipient}::text, ${recipientKey}::bytea, ${eventId}::uuid,
      CASE WHEN ${skipped} IS NULL THEN 'pending' ELSE 'skipped' END, ${skipped},
      CASE WHEN ${skipped} IS NOT NULL THEN ${instant(at)} END, ${instant(at)}
    ${from}`;
}

/** True for a row that gets no further attempt. */
export const isSpent = (now: Date): SQL => sql`
  (attempts >= ${MAX_ATTEMPTS} OR (attempts > 0 AND claimed_at < ${instant(later(now, -KEY_SECONDS))}))`;

/** True for a row that is still to be sent. */
export const isOpen = sql`status IN ('pending', 'sending')`;

export type MailOutcome = {
  id: string;
  /** As the claim said: it tells this consumer's claim from a later one. */
  attempts: number;
  /** `pending` puts it back for another attempt, or to be given up when it has none left. */
  status: 'sent' | 'skipped' | 'pending' | 'failed';
  providerId: string | null;
  failure: string | null;
  dueAt: Date | null;
  /** False when the provider did not even look at the letter. */
  isCounted: boolean;
};

/**
 * Records what became of claimed mails, all in one statement. A consumer whose lease has passed on may still say
 * that it sent; whatever else it has to say is no longer asked for.
 */
export async function settleMails(db: Db, outcomes: MailOutcome[], now: Date): Promise<void> {
  const select = sql`
    UPDATE email_outbox o
    SET status = r.status, provider_id = coalesce(r."providerId", o.provider_id), failure = r.failure,
      due_at = r."dueAt", attempts = o.attempts - CASE WHEN r."isCounted" THEN 0 ELSE 1 END,
      recipient = CASE WHEN r.status IN ('pending', 'failed') OR o.user_id IS NOT NULL THEN o.recipient END,
      finished_at = CASE WHEN r.status = 'pending' THEN NULL ELSE ${instant(now)} END
    FROM jsonb_to_recordset(${JSON.stringify(outcomes)}::jsonb) AS r(id uuid, attempts int, status text,
      "providerId" text, failure text, "dueAt" timestamptz, "isCounted" boolean)
    WHERE o.id = r.id AND o.status <> 'sent'
      AND (r.status = 'sent' OR (o.status = 'sending' AND o.attempts = r.attempts))`;
  await run(db, statement({ select, row: {} }));
}

const buriedMail = {
  id: column.uuid,
  kind: z.enum(mailKinds),
  attempts: column.integer,
  failure: column.text,
};

export type BuriedMail = z.output<z.ZodObject<typeof buriedMail>>;

/** Gives up what has no attempt left: the ids of a dead letter, or every row that is due. */
export async function buryMails(db: Db, ids: string[] | 'all', now: Date): Promise<BuriedMail[]> {
  const which = ids === 'all' ? sql`true` : sql`id = ANY(${sql.param(ids)}::uuid[])`;
  const select = sql`
    UPDATE email_outbox SET status = 'failed', finished_at = ${instant(now)}, due_at = NULL,
      failure = coalesce(failure, 'no outcome recorded')
    WHERE ${which} AND ${isOpen} AND ${isSpent(now)} AND due_at <= ${instant(now)}
    RETURNING id, kind, attempts, failure`;
  return run(db, statement({ select, row: buriedMail }));
}
