/**
 * Claims: a consumer takes mail that is due, and gets everything that its message is made of. A claim is a lease that
 * ends by itself. It counts as an attempt, also when the consumer never says what became of it.
 */
import { sql } from 'drizzle-orm';
import * as z from 'zod';
import { OwnFault } from '../lib/fault.ts';
import { UNDETERMINED } from '../lib/locale.ts';
import { later } from '../lib/time.ts';
import { type Db, instant } from './db.ts';
import { type MailKind, mailKinds } from './mail-kinds.ts';
import { isOpen, isSpent } from './outbox.ts';
import { column, run, statement } from './statement.ts';

/** Queue messages may arrive slightly early, by the clock of another machine. */
const CLOCK_SLACK_SECONDS = 1;

/** Everything that a message is made of. The consumer derives the secrets in it. */
export type ClaimedMail = {
  id: string;
  kind: MailKind;
  /** Including this one. */
  attempts: number;
  /** An earlier attempt may have succeeded without our knowing it: the mail may be in the mailbox. */
  isFateUnknown: boolean;
  /** Null when the person is deleted. */
  userId: string | null;
  to: string;
  locale: string;
  isSuppressed: boolean;
  /**
   * Null once the code or link of this mail is used, expired or replaced by a newer one. `lifeSeconds` is that of a
   * reset link.
   */
  proof: { tokenId: string; keyId: string; isCodeOpen: boolean; lifeSeconds: number } | null;
  /** For the old mailbox: the id in the link that can still undo a change of address. */
  undoId: string | null;
  event: { at: Date; client: string | null; userAgent: string | null; reason: string | null } | null;
};

const claimRow = {
  id: column.uuid,
  isClaimed: column.boolean,
  isSpent: column.boolean.nullable(),
  kind: z.enum(mailKinds),
  attempts: column.integer,
  isFateUnknown: column.boolean.nullable(),
  userId: column.uuid.nullable(),
  to: column.text.nullable(),
  locale: column.text.nullable(),
  isSuppressed: column.boolean,
  tokenId: column.uuid.nullable(),
  keyId: column.text.nullable(),
  isCodeOpen: column.boolean.nullable(),
  lifeSeconds: column.integer.nullable(),
  undoId: column.uuid.nullable(),
  occurredAt: column.instant.nullable(),
  client: column.text.nullable(),
  userAgent: column.text.nullable(),
  reason: column.text.nullable(),
};
type ClaimRow = z.output<z.ZodObject<typeof claimRow>>;

/**
 * Whether an earlier attempt may have reached the provider: it timed out, got no answer, or its consumer died before
 * it could record anything.
 */
const isFateUnknown = sql`(attempts > 0 AND (failure IS NULL OR failure = 'timeout' OR failure LIKE 'no answer%'))`;

/**
 * A condition: the address of the mail is suppressed. A bounce or an operator stops every mail. A complaint stops only mail that
 * strangers can cause. Notices about the account are still sent, and so are requested reset links: otherwise a
 * stranger who causes mail could lock the owner out. `o` is the mail, `s` the suppression of its address.
 */
export const isSuppressed = sql`(s.reason IN ('bounced', 'operator')
  OR s.reason = 'complained' AND o.recipient_key IS NOT NULL AND o.kind <> 'reset_password')`;

/**
 * Claims those of the mails `ids` that are due, until `leaseEnd`. `spent` are mails without an attempt left, which are
 * to be given up. The others are finished, deleted, not due yet, or claimed by another consumer.
 */
export async function claimMails(
  db: Db,
  ids: string[],
  leaseEnd: Date,
  now: Date,
): Promise<{ claimed: ClaimedMail[]; spent: string[] }> {
  const claim = statement({
    parts: {
      due: sql`
        SELECT id, ${isFateUnknown} AS is_fate_unknown FROM email_outbox
        WHERE id = ANY(${sql.param(ids)}::uuid[]) AND ${isOpen} AND NOT ${isSpent(now)}
          AND (due_at IS NULL OR due_at <= ${instant(later(now, CLOCK_SLACK_SECONDS))})
        ORDER BY id FOR UPDATE`,
      claimed: sql`
        UPDATE email_outbox o SET status = 'sending', attempts = attempts + 1, due_at = ${instant(leaseEnd)},
          claimed_at = CASE WHEN attempts = 0 THEN ${instant(now)} ELSE claimed_at END, failure = NULL
        FROM due WHERE o.id = due.id
        RETURNING o.id, o.attempts AS attempt, due.is_fate_unknown`,
    },
    select: sql`
      SELECT o.id, claimed.id IS NOT NULL AS "isClaimed", o.kind, coalesce(claimed.attempt, attempts) AS attempts,
        claimed.is_fate_unknown AS "isFateUnknown",
        ${isOpen} AND ${isSpent(now)} AND due_at <= ${instant(now)} AS "isSpent", o.user_id AS "userId",
        o.recipient AS "to", u.locale, coalesce(${isSuppressed}, false) AS "isSuppressed",
        coalesce(t.id, r.id) AS "tokenId", coalesce(t.key_id, r.key_id) AS "keyId",
        t.code_expires_at > ${instant(now)} AS "isCodeOpen",
        extract(epoch FROM r.expires_at - r.created_at)::int AS "lifeSeconds", undo.id AS "undoId", e.occurred_at AS "occurredAt", e.client,
        e.user_agent AS "userAgent", e.reason
      FROM email_outbox o
      LEFT JOIN users u ON u.id = o.user_id
      LEFT JOIN claimed ON claimed.id = o.id
      LEFT JOIN mail_suppressions s ON s.address = o.recipient
      LEFT JOIN verification_tokens t
        ON t.mail_id = o.id AND t.user_id = o.user_id AND t.used_at IS NULL AND t.expires_at > ${instant(now)}
      LEFT JOIN password_reset_tokens r
        ON r.id = o.id AND r.user_id = o.user_id AND r.used_at IS NULL AND r.expires_at > ${instant(now)}
      LEFT JOIN LATERAL (
        SELECT d.id FROM email_change_undos d
        WHERE d.user_id = o.user_id AND d.expires_at > ${instant(now)} AND (d.mail_id = o.id
          OR o.kind = 'account_deletion_requested' AND d.email = o.recipient)
        ORDER BY d.created_at LIMIT 1
      ) undo ON true
      LEFT JOIN security_events e ON e.id = o.event_id
      WHERE o.id = ANY(${sql.param(ids)}::uuid[])`,
    row: claimRow,
  });
  const rows = await run(db, claim);
  return {
    claimed: rows.filter((row) => row.isClaimed).map(claimedMail),
    spent: rows.filter((row) => !row.isClaimed && row.isSpent).map((row) => row.id),
  };
}

function claimedMail({
  tokenId,
  keyId,
  isCodeOpen,
  lifeSeconds,
  occurredAt,
  client,
  userAgent,
  reason,
  ...row
}: ClaimRow) {
  if (row.to === null) throw new OwnFault('MailWithoutRecipient', 'a mail that is owed has no recipient');
  return {
    ...row,
    to: row.to,
    locale: row.locale ?? UNDETERMINED,
    isFateUnknown: row.isFateUnknown === true,
    proof:
      tokenId && keyId
        ? { tokenId, keyId, isCodeOpen: isCodeOpen === true, lifeSeconds: lifeSeconds ?? 0 }
        : null,
    event: occurredAt && { at: occurredAt, client, userAgent, reason },
  };
}
