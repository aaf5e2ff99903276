/**
 * A change of address is asked for with the password, and waits. The waiting row is written for a taken address too,
 * with a code that nobody is mailed, so that nothing its owner can read tells the one from the other.
 */
import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Caller } from '../caller.ts';
import { later } from '../lib/time.ts';
import { lockAddress } from './address-lock.ts';
import { type Confirmation, clearConfirmation, isConfirmed } from './confirmation.ts';
import { choose } from './constants.ts';
import { bytes, type Db, instant } from './db.ts';
import { event } from './events.ts';
import { codeFits, isFor, noticeFits, type RecipientKeys } from './mail-lanes.ts';
import { insertMail } from './outbox.ts';
import { lockPerson } from './person-lock.ts';
import type { MailedCode } from './signups.ts';
import { column, run, statement } from './statement.ts';

/** Changes that one person may ask for, to whichever addresses: past that the code is not mailed. */
const HOUR = { count: 5, seconds: 3_600 };
const DAY = { count: 10, seconds: 86_400 };

/** `noticeId` is the mail to the old address, and the id that its cancel link carries. */
export type NewEmailChange = {
  email: string;
  /** The confirmed password, recorded for the new address. */
  passwordHash: string;
  noticeId: string;
  code: MailedCode;
  /** By which notices count, and by which codes do (mail/recipient.ts). */
  recipientKeys: RecipientKeys;
  mailboxKeys: RecipientKeys;
};

/**
 * Replaces what waited before and owes both mails; false when the confirmation no longer holds. Past the lane of the
 * address, or what the person may ask for, the code is held back and void: what the person can read looks the same.
 */
export async function requestEmailChange(
  db: Db,
  confirmation: Confirmation,
  change: NewEmailChange,
  caller: Caller,
  now: Date,
): Promise<boolean> {
  const { email, noticeId, recipientKeys, mailboxKeys } = change;
  const eventId = uuidv7();
  const requested = statement({
    parts: {
      asker: sql`SELECT ${askerFits(confirmation.userId, now)} AS may_ask`,
      person: sql`SELECT id, email FROM users WHERE ${isConfirmed(confirmation, now)}`,
      cleared: clearConfirmation(confirmation, 'person', now),
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
          sessionId: sql`${confirmation.sessionId}`,
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
  const locks = [lockAddress(email), lockPerson(confirmation.userId)];
  return (await run(db, requested, { caller, locks })).length === 1;
}

/**
 * A condition: the person may ask for one more. What counts is what was granted by this rule, not what was mailed:
 * whether the lane of an address was full must not show in what the asker is mailed next (docs/decisions/0008).
 */
function askerFits(askerId: string, now: Date): SQL {
  const since = ({ seconds }: typeof DAY) => instant(later(now, -seconds));
  return sql`(
    SELECT count(*) < ${DAY.count}::int AND count(*) FILTER (WHERE e.occurred_at > ${since(HOUR)}) < ${HOUR.count}::int
    FROM security_events e
    WHERE e.user_id = ${askerId}::uuid AND e.kind = 'email.change_requested' AND e.reason IS NULL
      AND e.occurred_at > ${since(DAY)})`;
}

/** The row that waits, for `person`; void from the start when its code is not mailed. */
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

/** To the owner, if the address has one already, a notice instead of the code. */
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
