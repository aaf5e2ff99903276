/**
 * Lanes of the mail that strangers can cause, so that no mail of one lane ever holds up that of another
 * (docs/decisions/0008). Notices of a taken address: one a day. Codes: four a day for each purpose, and all addresses
 * `name+tag@` of one mailbox share theirs. The link of a sign-up: whenever none is in the mailbox. Links of a reset are
 * counted by themselves (resets.ts). What a lane holds back is written as `skipped`, `budget`, for the operator to see.
 *
 * Exact, because the statements run behind the lock of the address (address-lock.ts).
 */
import { type SQL, sql } from 'drizzle-orm';
import { later } from '../lib/time.ts';
import { constant } from './constants.ts';
import { bytes, instant } from './db.ts';
import type { MailKind } from './mail-kinds.ts';

/** MACs of an address (mail/recipient.ts): the first is the one that is written, mail of any of them counts. */
export type RecipientKeys = readonly [Uint8Array, ...Uint8Array[]];

const DAY = 86_400;
const NOTICES_A_DAY = 1;
/** With five tries for a code, twenty guesses a day at a mailbox (OWASP ASVS 6.6.3). */
const CODES_A_DAY = 4;
/** And the longest life of a code: tries made in any 24 hours are of no more than four codes. */
const CODE_SECONDS = DAY + 600;

/** Tries of the password that goes with the link of a sign-up. */
export const LINK_TRIES = 5;

/** A condition on a row with a `recipient_key`, which goes by `alias`. */
export const isFor = (keys: RecipientKeys, alias: string): SQL =>
  sql`${sql.raw(alias)}.recipient_key IN (${sql.join(keys.map(bytes), sql`, `)})`;

/** A condition: one more notice fits to the address. */
export const noticeFits = (keys: RecipientKeys, now: Date): SQL =>
  fits(isFor(keys, 'o'), ['already_registered', 'change_email_taken'], NOTICES_A_DAY, DAY, now);

/** A condition: one more code of this purpose fits. `isTo` is a condition on the mail `o`: to whom. */
export const codeFits = (isTo: SQL, kind: 'verify_email' | 'change_email', now: Date): SQL =>
  fits(isTo, [kind], CODES_A_DAY, CODE_SECONDS, now);

function fits(isTo: SQL, kinds: MailKind[], count: number, seconds: number, now: Date): SQL {
  const list = sql.join(
    kinds.map((kind) => constant(kind)),
    sql`, `,
  );
  return sql`((SELECT count(*) FROM email_outbox o
    WHERE ${isTo} AND o.kind IN (${list}) AND o.status <> 'skipped'
      AND o.created_at > ${instant(later(now, -seconds))}) < ${count}::int)`;
}

/**
 * A condition: no link of a sign-up that still works was mailed to the address, so that one is due whatever was mailed
 * before. Only for an address without `+tag`: of the others one mailbox has as many as a stranger can think of.
 */
export const isLinkDue = (email: string, now: Date): SQL => sql`
  (strpos(${email}, '+') = 0 AND NOT EXISTS (
    SELECT FROM users waiting
    JOIN verification_tokens link ON link.user_id = waiting.id AND link.purpose = 'verify_email'
    JOIN email_outbox mail ON mail.id = link.mail_id AND mail.kind = 'verify_email'
    WHERE waiting.email = ${email} AND waiting.email_verified_at IS NULL
      AND waiting.pending_expires_at > ${instant(now)} AND link.used_at IS NULL
      AND link.expires_at > ${instant(now)} AND link.link_tries < ${LINK_TRIES}
      AND mail.status IN ('pending', 'sending', 'sent')))`;
