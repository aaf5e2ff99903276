/**
 * The first step of a change of address: it is requested with the password and then waits for a code from the new
 * mailbox. A waiting row is also written when the address belongs to another account; its code is mailed to nobody. So
 * the requester cannot read anywhere whether the address is taken.
 */
import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Caller } from '../caller.ts';
import { later } from '../lib/time.ts';
import { lockAddress } from './address-lock.ts';
import { choose } from './constants.ts';
import { bytes, type Db, instant } from './db.ts';
import { event } from './events.ts';
import { type FreshProof, proverParts } from './fresh-proof.ts';
import { codeFits, isFor, noticeFits, type RecipientKeys } from './mail-lanes.ts';
import { insertMail } from './outbox.ts';
import { lockPerson } from './person-lock.ts';
import type { MailedCode } from './signups.ts';
import { column, run, statement } from './statement.ts';

/** How many changes one person may request, to all addresses together. Beyond that the code is not mailed. */
const HOUR = { count: 5, seconds: 3_600 };
const DAY = { count: 10, seconds: 86_400 };

/** `noticeId` is the id of the mail to the old address, and the id in its cancel link. */
export type NewEmailChange = {
  email: string;
  /** The confirmed password, recorded for the new address. */
  passwordHash: string;
  noticeId: string;
  code: MailedCode;
  /** The keys by which notices are counted, and those by which codes are counted (mail/recipient.ts). */
  recipientKeys: RecipientKeys;
  mailboxKeys: RecipientKeys;
};

/**
 * Writes the waiting change and owes two mails: a notice to the old address and a code to the new one. Gives the ids of
 * mails that the proof causes; undefined when it no longer holds. The parts, in their order:
 *
 * - `asker`: may this person request one more change?
 * - `prover`, `cleared`, `spent` and others: the proof (fresh-proof.ts).
 * - `person`: the requester, while the proof holds. Without this row nothing below is written.
 * - `owner`: the account that has the new address already, if there is one.
 * - `lane`: do one more notice and one more code fit into the lanes of the new address?
 * - `token`: the waiting change, in the place of an earlier one. Its code is void from the start when it is not
 *   mailed.
 * - `event`: the security event.
 * - `code_mail`: the code to the new address, or a notice to its owner. Held back when the requester or the lane is
 *   over its limit.
 * - `notice`: the mail to the old address, with the link that cancels the change.
 */
export async function requestEmailChange(
  db: Db,
  proof: FreshProof,
  change: NewEmailChange,
  caller: Caller,
  now: Date,
): Promise<string[] | undefined> {
  const { parts, mails } = proverParts(proof, {}, caller, now);
  const { email, noticeId, recipientKeys, mailboxKeys } = change;
  const eventId = uuidv7();
  const requested = statement({
    parts: {
      asker: sql`SELECT ${askerFits(proof.userId, now)} AS may_ask`,
      ...parts,
      person: sql`SELECT id, email FROM prover`,
      owner: sql`SELECT id FROM users WHERE email = ${email} AND email_verified_at IS NOT NULL FOR KEY SHARE`,
      lane: sql`
        SELECT owner.id AS owner_id, may_ask, ${noticeFits(recipientKeys, now)} AS notice_fits,
          ${codeFits(isFor(mailboxKeys, 'o'), 'change_email', now)} AS code_fits
        FROM asker LEFT JOIN owner ON true`,
      token: insertWaiting(change, now),
      event: event(
        {
          id: eventId,
          kind: 'email.change_requested',
          caller,
          at: now,
          userId: sql`id`,
          sessionId: sql`${proof.sessionId}`,
          reason: choose(sql`may_ask`, null, 'mail_budget'),
        },
        sql`FROM person, asker`,
      ),
      code_mail: insertCodeMail(change, now),
      notice: insertMail(
        {
          id: noticeId,
          kind: 'change_email_notice',
          userId: sql`id`,
          recipient: sql`email`,
          eventId,
          at: now,
        },
        sql`FROM person`,
      ),
    },
    select: sql`SELECT id FROM person`,
    row: { id: column.uuid },
  });
  const locks = [lockAddress(email), lockPerson(proof.userId)];
  return (await run(db, requested, { caller, locks })).length === 1 ? mails : undefined;
}

/**
 * A condition: the person may request one more change. It counts what this very rule allowed, not what was mailed.
 * Whether the lane of an address was full must not show in what the requester is mailed next (docs/decisions/0008).
 */
function askerFits(askerId: string, now: Date): SQL {
  const since = ({ seconds }: typeof DAY) => instant(later(now, -seconds));
  return sql`(
    SELECT count(*) < ${DAY.count}::int AND count(*) FILTER (WHERE e.occurred_at > ${since(HOUR)}) < ${HOUR.count}::int
    FROM security_events e
    WHERE e.user_id = ${askerId}::uuid AND e.kind = 'email.change_requested' AND e.reason IS NULL
      AND e.occurred_at > ${since(DAY)})`;
}

/** The waiting change of `person`. Its code is void from the start when it is not mailed. */
const insertWaiting = (
  { email, passwordHash, noticeId, code, mailboxKeys }: NewEmailChange,
  now: Date,
): SQL => sql`
  INSERT INTO verification_tokens (id, user_id, purpose, email, password_hash, recipient_key, mail_id, key_id, code_mac,
    code_expires_at, expires_at, created_at)
  SELECT ${noticeId}::uuid, id, 'change_email', ${email}, ${passwordHash}, ${bytes(mailboxKeys[0])},
    ${code.mailId}::uuid, ${code.keyId}, ${bytes(code.mac)},
    CASE WHEN may_ask AND code_fits THEN ${instant(code.expiresAt)} ELSE '-infinity' END,
    ${instant(code.expiresAt)}, ${instant(now)}
  FROM person, lane
  ON CONFLICT (user_id, purpose) DO UPDATE SET id = EXCLUDED.id, email = EXCLUDED.email,
    password_hash = EXCLUDED.password_hash, recipient_key = EXCLUDED.recipient_key, mail_id = EXCLUDED.mail_id, key_id = EXCLUDED.key_id,
    code_mac = EXCLUDED.code_mac, code_expires_at = EXCLUDED.code_expires_at, expires_at = EXCLUDED.expires_at,
    created_at = EXCLUDED.created_at, tries = 0, used_at = NULL`;

/** The code to the new address, or a notice to its owner if it belongs to an account. */
const insertCodeMail = ({ email, code, recipientKeys, mailboxKeys }: NewEmailChange, now: Date): SQL =>
  insertMail(
    {
      id: code.mailId,
      kind: choose(sql`owner_id IS NULL`, 'change_email', 'change_email_taken'),
      userId: sql`coalesce(owner_id, person.id)`,
      recipient: sql`${email}`,
      recipientKey: sql`CASE WHEN owner_id IS NULL THEN ${bytes(mailboxKeys[0])} ELSE ${bytes(recipientKeys[0])} END`,
      at: now,
      skipped: choose(
        sql`may_ask AND CASE WHEN owner_id IS NULL THEN code_fits ELSE notice_fits END`,
        null,
        'budget',
      ),
    },
    sql`FROM person, lane`,
  );
