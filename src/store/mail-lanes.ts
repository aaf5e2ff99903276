/**
 * Mail lanes: limits on the mail that strangers can cause (docs/decisions/0008). Each kind of mail has a lane of its
 * own, so that one kind never holds up another:
 *
 * - Notices to the owner of a taken address: one a day.
 * - Codes: four a day for each purpose. All addresses `name+tag@` of one mailbox share this lane.
 * - The link of a sign-up: one whenever no valid link is in the mailbox.
 * - Links of a password reset have a rule of their own (reset-request.ts), and so have codes that only the right
 *   password can cause (login-enrolments.ts).
 *
 * A mail that its lane holds back is written as `skipped` with the reason `budget`, so that an operator can see it.
 * The counts are exact, because the statements run behind the lock of the address (address-lock.ts).
 */
import { type SQL, sql } from 'drizzle-orm';
import { later } from '../lib/time.ts';
import { constant } from './constants.ts';
import { bytes, instant } from './db.ts';
import type { MailKind } from './mail-kinds.ts';

/**
 * MACs of an address (mail/recipient.ts), one for each mail key. New mail is written under the first; mail under any
 * of them counts.
 */
export type RecipientKeys = readonly [Uint8Array, ...Uint8Array[]];

const DAY = 86_400;
const NOTICES_A_DAY = 1;
/** With five tries for each code, that is twenty guesses a day (OWASP ASVS 6.6.3). */
export const CODES_A_DAY = 4;
/** A day and the longest life of a code: so in any 24 hours only four codes can be tried. */
export const CODE_SECONDS = DAY + 600;

/** How often the password that goes with the link of a sign-up may be tried. */
export const LINK_TRIES = 5;

/** A condition: the row named `alias`, which has a `recipient_key`, belongs to this address. */
export const isFor = (keys: RecipientKeys, alias: string): SQL =>
  sql`${sql.raw(alias)}.recipient_key IN (${sql.join(keys.map(bytes), sql`, `)})`;

/** A condition: one more notice to the address fits into its lane. */
export const noticeFits = (keys: RecipientKeys, now: Date): SQL =>
  fits(isFor(keys, 'o'), ['already_registered', 'change_email_taken'], NOTICES_A_DAY, DAY, now);

/**
 * A condition: one more code for this purpose fits into its lane. `isTo` is a condition on the mail `o`: to whom it
 * goes.
 */
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
 * A condition: no valid link of a sign-up is in the mailbox, so one is mailed whatever was mailed before. This is only
 * for addresses without `+tag`: a stranger can think of any number of tags for one mailbox.
 *
 * It begins at the mails, and not at the sign-ups of the address: the decoys of a taken one have no such mail, and to
 * read them all would take longer the more there are. A subquery that gives a value is never turned round.
 */
export const isLinkDue = (keys: RecipientKeys, email: string, now: Date): SQL => sql`
  (strpos(${email}, '+') = 0 AND NOT EXISTS (
    SELECT FROM email_outbox mail
    WHERE ${isFor(keys, 'mail')} AND mail.kind = 'verify_email' AND mail.status IN ('pending', 'sending', 'sent')
      AND (
        SELECT waiting.email = ${email} AND waiting.email_verified_at IS NULL AND waiting.disabled_at IS NULL
          AND waiting.pending_expires_at > ${instant(now)} AND link.used_at IS NULL
          AND link.expires_at > ${instant(now)} AND link.link_tries < ${LINK_TRIES}
        FROM verification_tokens link JOIN users waiting ON waiting.id = link.user_id
        WHERE link.user_id = mail.user_id AND link.purpose = 'verify_email' AND link.mail_id = mail.id)))`;
