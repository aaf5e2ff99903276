/**
 * The outbox. A row is born in the statement that causes the mail (`insertMail`), and moves
 * pending -> sending -> sent | skipped | failed under the jobs Worker. The row, not the queue, says whether a mail
 * is due, how often it was tried and when it is given up: a queue message is only a doorbell. A claim is a lease;
 * a consumer that died leaves one that ends, and whoever comes next sends again under the same key.
 */
import { type SQL, sql } from 'drizzle-orm';
import { constant } from './constants.ts';
import { type Db, instant, later } from './db.ts';
import type { emailOutbox } from './schema.ts';

export type MailKind = (typeof emailOutbox.$inferSelect)['kind'];

export const MAX_ATTEMPTS = 3;

/**
 * The provider keeps an idempotency key for 24 hours. Past this a letter whose fate is unknown is given up rather
 * than mailed twice: sending it again is for a person to decide (`npm run mail -- replay`).
 */
const KEY_SECONDS = 23 * 3_600;

/** A message may be delivered a little before its back-off has ended by another machine's clock. */
const CLOCK_SLACK_SECONDS = 1;

type NewMail = {
  id: string;
  /** A kind, or an expression that chooses between kinds (constants.ts). */
  kind: MailKind | SQL;
  userId: SQL;
  /** The address, which the mail keeps whatever becomes of the person's own. */
  recipient: SQL;
  /** For what strangers can cause: what it counts against (mail-budget.ts). */
  recipientKey?: SQL;
  eventId?: string;
  at: Date;
};

/** `INSERT ... SELECT`, to stand in a CTE; `from` is the FROM clause that says whether the mail is owed. */
export function insertMail(mail: NewMail, from: SQL): SQL {
  const { id, kind, userId, recipient, recipientKey = sql`NULL`, eventId = null, at } = mail;
  return sql`
    INSERT INTO email_outbox (id, kind, user_id, recipient, recipient_key, event_id, created_at)
    SELECT ${id}::uuid, ${constant(kind as MailKind)}, ${userId}, ${recipient}::text, ${recipientKey}::bytea, ${eventId}::uuid, ${instant(at)}
    ${from}`;
}

/** True for a row that gets no further attempt. */
const isSpent = (now: Date): SQL => sql`
  (attempts >= ${MAX_ATTEMPTS} OR (attempts > 0 AND claimed_at < ${instant(later(now, -KEY_SECONDS))}))`;

const isOpen = sql`status IN ('pending', 'sending')`;

/** Everything a message is rendered from. The secrets in it are derived by the consumer. */
export type ClaimedMail = {
  id: string;
  kind: MailKind;
  /** Counting this one. */
  attempts: number;
  /** Absent when the person is gone, and so is the name. */
  userId: string | null;
  to: string;
  name: string;
  locale: string;
  isSuppressed: boolean;
  /** Present while the mail's own proof is still open: unused, unexpired and not replaced by a newer one. */
  proof: { tokenId: string; keyId: string; isCodeOpen: boolean } | null;
  event: { at: Date; client: string | null; userAgent: string | null; reason: string | null } | null;
};

type ClaimRow = {
  id: string;
  claimed: boolean;
  spent: boolean;
  kind: MailKind;
  attempts: number;
  user_id: string | null;
  email: string;
  name: string | null;
  locale: string | null;
  suppressed: boolean;
  token_id: string | null;
  key_id: string | null;
  code_open: boolean | null;
  occurred_at: string | null;
  client: string | null;
  user_agent: string | null;
  reason: string | null;
};

/**
 * Claims what is due among `ids` until `leaseEnd`. `spent` are rows that wait to be given up. All others are
 * finished, gone, not due yet, or in the hands of another consumer.
 */
export async function claimMails(
  db: Db,
  ids: string[],
  leaseEnd: Date,
  now: Date,
): Promise<{ claimed: ClaimedMail[]; spent: string[] }> {
  const { rows } = await db.execute<ClaimRow>(sql`
    WITH claimed AS (
      UPDATE email_outbox SET status = 'sending', attempts = attempts + 1, due_at = ${instant(leaseEnd)},
        claimed_at = CASE WHEN attempts = 0 THEN ${instant(now)} ELSE claimed_at END
      WHERE id = ANY(${sql.param(ids)}::uuid[]) AND ${isOpen} AND NOT ${isSpent(now)}
        AND (due_at IS NULL OR due_at <= ${instant(later(now, CLOCK_SLACK_SECONDS))})
      RETURNING id, attempts AS attempt
    )
    SELECT o.id, claimed.id IS NOT NULL AS claimed, o.kind, coalesce(claimed.attempt, attempts) AS attempts,
      ${isOpen} AND ${isSpent(now)} AND due_at <= ${instant(now)} AS spent,
      o.user_id, o.recipient AS email, u.name, u.locale, s.address IS NOT NULL AS suppressed,
      coalesce(t.id, r.id) AS token_id, coalesce(t.key_id, r.key_id) AS key_id,
      t.code_expires_at > ${instant(now)} AS code_open, e.occurred_at::text, e.client, e.user_agent,
      e.reason
    FROM email_outbox o
    LEFT JOIN users u ON u.id = o.user_id
    LEFT JOIN claimed ON claimed.id = o.id
    LEFT JOIN mail_suppressions s ON s.address = o.recipient
    LEFT JOIN verification_tokens t
      ON t.mail_id = o.id AND t.user_id = o.user_id AND t.used_at IS NULL AND t.expires_at > ${instant(now)}
    LEFT JOIN password_reset_tokens r
      ON r.id = o.id AND r.user_id = o.user_id AND r.expires_at > ${instant(now)}
    LEFT JOIN security_events e ON e.id = o.event_id
    WHERE o.id = ANY(${sql.param(ids)}::uuid[])`);
  return {
    claimed: rows.filter((row) => row.claimed).map(fromRow),
    spent: rows.filter((row) => !row.claimed && row.spent).map((row) => row.id),
  };
}

function fromRow(row: ClaimRow): ClaimedMail {
  return {
    id: row.id,
    kind: row.kind,
    attempts: row.attempts,
    userId: row.user_id,
    to: row.email,
    name: row.name ?? '',
    locale: row.locale ?? 'en',
    isSuppressed: row.suppressed,
    proof:
      row.token_id && row.key_id
        ? { tokenId: row.token_id, keyId: row.key_id, isCodeOpen: row.code_open === true }
        : null,
    event: row.occurred_at
      ? { at: new Date(row.occurred_at), client: row.client, userAgent: row.user_agent, reason: row.reason }
      : null,
  };
}

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
  await db.execute(sql`
    UPDATE email_outbox o
    SET status = r.status, provider_id = coalesce(r."providerId", o.provider_id), failure = r.failure,
      due_at = r."dueAt", attempts = o.attempts - CASE WHEN r."isCounted" THEN 0 ELSE 1 END,
      recipient = CASE WHEN r.status IN ('pending', 'failed') OR o.user_id IS NOT NULL THEN o.recipient END,
      finished_at = CASE WHEN r.status = 'pending' THEN NULL ELSE ${instant(now)} END
    FROM jsonb_to_recordset(${JSON.stringify(outcomes)}::jsonb) AS r(id uuid, attempts int, status text,
      "providerId" text, failure text, "dueAt" timestamptz, "isCounted" boolean)
    WHERE o.id = r.id AND o.status <> 'sent'
      AND (r.status = 'sent' OR (o.status = 'sending' AND o.attempts = r.attempts))`);
}

export type BuriedMail = { id: string; kind: MailKind; attempts: number; failure: string };

/** Gives up what has no attempt left: the ids of a dead letter, or every row that is due. */
export async function buryMails(db: Db, ids: string[] | 'all', now: Date): Promise<BuriedMail[]> {
  const which = ids === 'all' ? sql`true` : sql`id = ANY(${sql.param(ids)}::uuid[])`;
  const { rows } = await db.execute<BuriedMail>(sql`
    UPDATE email_outbox SET status = 'failed', finished_at = ${instant(now)}, due_at = NULL,
      failure = coalesce(failure, 'no outcome recorded')
    WHERE ${which} AND ${isOpen} AND ${isSpent(now)} AND due_at <= ${instant(now)}
    RETURNING id, kind, attempts, failure`);
  return rows;
}
