/**
 * The outbox: mail that is owed. The statement that causes a mail writes its row (`insertMail`). The jobs Worker then
 * moves the row from `pending` over `sending` to `sent`, `skipped` or `failed`.
 *
 * The row, and not the queue, says whether a mail is due, how often it was tried, and when it is given up. A queue
 * message only tells the jobs Worker to look (decision 7). A claim is a lease: when a consumer dies its lease ends,
 * and the next one sends again under the same idempotency key.
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
 * The provider keeps an idempotency key for 24 hours. After this time a mail whose fate is unknown is given up rather
 * than sent twice. An operator can send it again (`npm run mail -- replay`).
 */
const KEY_SECONDS = 23 * 3_600;

/** Why a mail is not sent: its lane is full, or there is nobody to send it to. */
type SkipReason = 'budget' | 'no_account' | 'address_taken';

type NewMail = {
  id: string;
  /** A kind, or an expression that chooses between kinds (constants.ts). */
  kind: MailKind | SQL<MailKind>;
  userId: SQL;
  /** The address. It stays the same if the person changes theirs. */
  recipient: SQL;
  /** Only for mail that strangers can cause: the key by which its lane counts (mail-lanes.ts). */
  recipientKey?: SQL;
  /** Why it is not sent; NULL when it is. The row is written either way, so that the work tells nothing. */
  skipped?: SQL<SkipReason | null>;
  eventId?: string;
  at: Date;
};

/** `INSERT ... SELECT`, as a part of a statement. `from` is the FROM clause, and decides whether the mail is owed. */
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

/** A condition: the mail gets no further attempt. */
export const isSpent = (now: Date): SQL => sql`
  (attempts >= ${MAX_ATTEMPTS} OR (attempts > 0 AND claimed_at < ${instant(later(now, -KEY_SECONDS))}))`;

/** A condition: the mail is not finished. */
export const isOpen = sql`status IN ('pending', 'sending')`;

export type MailOutcome = {
  id: string;
  /** As in the claim. It tells the claim of this consumer from a later one. */
  attempts: number;
  /** `pending`: to be tried again, or given up when no attempt is left. */
  status: 'sent' | 'skipped' | 'pending' | 'failed';
  providerId: string | null;
  failure: string | null;
  dueAt: Date | null;
  /** False when the provider did not look at the mail. */
  isCounted: boolean;
};

/**
 * Records the outcomes of claimed mails, in one statement. A consumer whose lease has ended may still record that it
 * sent a mail, and nothing else.
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

/** Gives up mails without an attempt left: of the given ids, or all that are due. Gives what it buried. */
export async function buryMails(db: Db, ids: string[] | 'all', now: Date): Promise<BuriedMail[]> {
  const which = ids === 'all' ? sql`true` : sql`id = ANY(${sql.param(ids)}::uuid[])`;
  const select = sql`
    UPDATE email_outbox SET status = 'failed', finished_at = ${instant(now)}, due_at = NULL,
      failure = coalesce(failure, 'no outcome recorded')
    WHERE ${which} AND ${isOpen} AND ${isSpent(now)} AND due_at <= ${instant(now)}
    RETURNING id, kind, attempts, failure`;
  return run(db, statement({ select, row: buriedMail }));
}
