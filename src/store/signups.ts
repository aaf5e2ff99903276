/**
 * Sign-ups: pending rows of `users`, with the proof that each waits for (signup-proofs.ts). Everything here runs under
 * the lock of the address, so exactly one of its sign-ups ever becomes the account.
 */
import { type SQL, sql } from 'drizzle-orm';
import type { Caller } from '../caller.ts';
import { UNDETERMINED } from '../lib/locale.ts';
import { lockAddress } from './address-lock.ts';
import { choose } from './constants.ts';
import { bytes, type Db, instant } from './db.ts';
import { event } from './events.ts';
import { codeFits, isFor, isLinkDue, noticeFits, type RecipientKeys } from './mail-lanes.ts';
import { insertMail } from './outbox.ts';
import { column, run, statement } from './statement.ts';

export type NewSignup = {
  id: string;
  email: string;
  name: string;
  passwordHash: string;
  expiresAt: Date;
  tokenId: string;
  code: MailedCode;
  /** The keys by which notices are counted, and those by which codes are counted (mail/recipient.ts). */
  recipientKeys: RecipientKeys;
  mailboxKeys: RecipientKeys;
};

/**
 * A code as the database knows it: the mail that carries it, the key that it is derived with, and a MAC to recognise
 * it.
 */
export type MailedCode = { mailId: string; keyId: string; mac: Uint8Array; expiresAt: Date };

/**
 * Writes the sign-up, its proof and its mail. If the address has an account, the mail is a notice to its owner, so
 * nobody ever gets the proof. The rows are the same either way, and also when the lane is full. When only the lane of
 * codes is full, a link that is due is mailed without a code. A code that is not mailed is void from the start.
 */
export async function addSignup(db: Db, signup: NewSignup, caller: Caller, now: Date): Promise<void> {
  const { id, code, email, recipientKeys, mailboxKeys } = signup;
  const added = statement({
    parts: {
      owner: sql`SELECT id FROM users WHERE email = ${email} AND email_verified_at IS NOT NULL FOR KEY SHARE`,
      lane: sql`
        SELECT owner.id AS owner_id, ${noticeFits(recipientKeys, now)} AS notice_fits,
          ${codeFits(isFor(mailboxKeys, 'o'), 'verify_email', now)} AS code_fits, 
          ${isLinkDue(mailboxKeys, email, now)} AS is_link_due
        FROM (SELECT) one LEFT JOIN owner ON true`,
      pending: sql`
        INSERT INTO users
          (id, email, name, password_hash, password_changed_at, pending_expires_at, locale, created_at)
        VALUES (${id}::uuid, ${email}, ${signup.name}, ${signup.passwordHash}, ${instant(now)},
          ${instant(signup.expiresAt)}, ${caller.locale ?? UNDETERMINED}, ${instant(now)})
        RETURNING id`,
      token: sql`
        INSERT INTO verification_tokens
          (id, user_id, purpose, recipient_key, mail_id, key_id, code_mac, code_expires_at, expires_at, created_at)
        SELECT ${signup.tokenId}::uuid, id, 'verify_email', ${bytes(mailboxKeys[0])}, ${code.mailId}::uuid,
          ${code.keyId}, ${bytes(code.mac)},
          CASE WHEN code_fits THEN ${instant(code.expiresAt)} ELSE '-infinity' END, ${instant(signup.expiresAt)},
          ${instant(now)}
        FROM pending, lane`,
      addressee: sql`
        SELECT coalesce(owner_id, pending.id) AS id, owner_id IS NOT NULL AS is_taken,
          CASE WHEN owner_id IS NULL THEN code_fits OR is_link_due ELSE notice_fits END AS is_mailed
        FROM lane, pending`,
      mail: insertMail(
        {
          id: code.mailId,
          kind: choose(sql`is_taken`, 'already_registered', 'verify_email'),
          userId: sql`id`,
          recipient: sql`${email}`,
          recipientKey: sql`CASE WHEN is_taken THEN ${bytes(recipientKeys[0])} ELSE ${bytes(mailboxKeys[0])} END`,
          at: now,
          skipped: choose(sql`is_mailed`, null, 'budget'),
        },
        sql`FROM addressee`,
      ),
      event: event(
        {
          kind: choose(sql`is_taken`, 'signup.existing_notice', 'signup.requested'),
          caller,
          at: now,
          userId: sql`id`,
          reason: choose(sql`is_mailed`, null, 'mail_budget'),
        },
        sql`FROM addressee`,
      ),
    },
    select: sql`SELECT id FROM pending`,
    row: { id: column.uuid },
  });
  await run(db, added, { caller, locks: [lockAddress(email)] });
}

/**
 * How many sign-ups one proof deletes. More of them, which takes a flood, are left to expire. They cannot be proven
 * any more, and the owner does not have to wait for their deletion.
 */
const MAX_RIVALS = 100;

/**
 * A part of the statement that gives an address to a person: deletes the other sign-ups of the address. `account` is a
 * FROM item.
 */
export const deleteRivalsOf = (account: SQL): SQL => sql`
  DELETE FROM users WHERE id = ANY(ARRAY(
    SELECT rival.id FROM users rival JOIN ${account} account ON rival.email = account.email
    WHERE rival.email_verified_at IS NULL AND rival.id <> account.id LIMIT ${MAX_RIVALS}))`;
