/**
 * A change of address is asked for with the password, and waits. The waiting row is written for a taken address too,
 * with a code that nobody is mailed, so that nothing its owner can read tells the one from the other.
 */
import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Budget } from '../lib/budgets.ts';
import { lockAddress } from './address-lock.ts';
import { choose } from './constants.ts';
import { bytes, type Db, instant } from './db.ts';
import { type Caller, event } from './events.ts';
import { askerFits, type RecipientKeys, recipientFits } from './mail-budget.ts';
import { insertMail } from './outbox.ts';
import { type Confirmation, clearConfirmation, isConfirmed } from './passwords.ts';
import { lockPerson } from './person-lock.ts';
import type { MailedCode } from './signups.ts';
import { column, run, statement } from './statement.ts';

/** `noticeId` is the mail to the old address, and the id that its cancel link carries. */
export type NewEmailChange = {
  email: string;
  /** The confirmed password, recorded for the new address. */
  passwordHash: string;
  noticeId: string;
  code: MailedCode;
  recipientKeys: RecipientKeys;
  mailBudget: readonly Budget[];
};

/**
 * Replaces what waited before and owes both mails; false when the confirmation no longer holds. Past the mail budget of
 * the address or of the person the code is not mailed and void: what the person can read looks the same.
 */
export async function requestEmailChange(
  db: Db,
  confirmation: Confirmation,
  change: NewEmailChange,
  caller: Caller,
  now: Date,
): Promise<boolean> {
  const { email, noticeId, recipientKeys, mailBudget } = change;
  const eventId = uuidv7();
  const request = statement({
    parts: {
      asker: sql`SELECT ${askerFits(confirmation.userId, mailBudget, now)} AS may_ask`,
      budget: sql`SELECT may_ask AND ${recipientFits(recipientKeys, mailBudget, now)} AS fits FROM asker`,
      person: sql`SELECT id, email FROM users WHERE ${isConfirmed(confirmation, now)}`,
      cleared: clearConfirmation(confirmation, 'person', now),
      owner: sql`
        SELECT id FROM users WHERE email = ${email} AND email_verified_at IS NOT NULL FOR KEY SHARE`,
      token: insertWaiting(change, now),
      requested: event(
        {
          id: eventId,
          kind: 'email.change_requested',
          caller,
          at: now,
          userId: sql`id`,
          sessionId: sql`${confirmation.sessionId}`,
          reason: choose(sql`NOT may_ask`, 'mail_budget', null),
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
  return (await run(db, request, { caller, locks })).length === 1;
}

/** The row that waits, for `person`; void from the start when its code does not fit the `budget`. */
const insertWaiting = (
  { email, passwordHash, noticeId, code, recipientKeys }: NewEmailChange,
  now: Date,
): SQL => sql`
  INSERT INTO verification_tokens (id, user_id, purpose, email, password_hash, recipient_key, mail_id, key_id, code_mac,
    code_expires_at, expires_at, created_at)
  SELECT ${noticeId}::uuid, id, 'change_email', ${email}, ${passwordHash}, ${bytes(recipientKeys[0])},
    ${code.mailId}::uuid, ${code.keyId}, ${bytes(code.mac)}, CASE WHEN fits THEN ${instant(code.expiresAt)} ELSE ${instant(now)} END,
    ${instant(code.expiresAt)}, ${instant(now)}
  FROM person, budget
  ON CONFLICT (user_id, purpose) DO UPDATE SET id = EXCLUDED.id, email = EXCLUDED.email,
    password_hash = EXCLUDED.password_hash, recipient_key = EXCLUDED.recipient_key, mail_id = EXCLUDED.mail_id, key_id = EXCLUDED.key_id,
    code_mac = EXCLUDED.code_mac, code_expires_at = EXCLUDED.code_expires_at, expires_at = EXCLUDED.expires_at,
    created_at = EXCLUDED.created_at, tries = 0, used_at = NULL`;

/** To `owner`, who has the address already, a notice instead of the code. */
const insertCodeMail = ({ email, code, recipientKeys }: NewEmailChange, now: Date): SQL =>
  insertMail(
    {
      id: code.mailId,
      kind: choose(sql`owner.id IS NULL`, 'change_email', 'change_email_taken'),
      userId: sql`COALESCE(owner.id, person.id)`,
      recipient: sql`${email}`,
      recipientKey: bytes(recipientKeys[0]),
      at: now,
    },
    sql`FROM budget JOIN person ON fits LEFT JOIN owner ON true`,
  );
