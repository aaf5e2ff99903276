/** A new code for a sign-up that waits for proof. */
import { type SQL, sql } from 'drizzle-orm';
import type { Caller } from '../caller.ts';
import { lockAddressOf } from './address-lock.ts';
import { choose } from './constants.ts';
import { bytes, type Db, instant } from './db.ts';
import { event } from './events.ts';
import { codeFits } from './mail-lanes.ts';
import { insertMail } from './outbox.ts';
import type { MailedCode } from './signups.ts';
import { column, run, statement } from './statement.ts';

/**
 * Replaces the code and owes the mail that carries it. The link in that mail has all its tries again. When the sign-up
 * has no resends left, or the lane is full, the old code stays valid. A decoy gets the same rows, and its mail goes to
 * nobody.
 */
export async function replaceCode(
  db: Db,
  id: string,
  code: MailedCode,
  maxResends: number,
  caller: Caller,
  now: Date,
): Promise<void> {
  const replaced = statement({
    parts: {
      signup: sql`
        SELECT u.id, u.email, t.id AS token_id, t.recipient_key,
          t.resends < ${maxResends} AND ${codeFits(sql`o.recipient_key = t.recipient_key`, 'verify_email', now)} AS is_due,
          EXISTS (SELECT FROM users o WHERE o.email = u.email AND o.email_verified_at IS NOT NULL) AS is_taken
        FROM verification_tokens t JOIN users u ON u.id = t.user_id
        WHERE u.id = ${id}::uuid AND t.purpose = 'verify_email' AND t.used_at IS NULL
          AND u.email_verified_at IS NULL AND u.disabled_at IS NULL AND u.pending_expires_at > ${instant(now)}`,
      token: sql`
        UPDATE verification_tokens t
        SET resends = resends + CASE WHEN is_due THEN 1 ELSE 0 END,
          link_tries = ${ifDue(sql`0`, 'link_tries')}, mail_id = ${ifDue(sql`${code.mailId}::uuid`, 'mail_id')},
          key_id = ${ifDue(sql`${code.keyId}`, 'key_id')}, code_mac = ${ifDue(bytes(code.mac), 'code_mac')},
          code_expires_at = ${ifDue(instant(code.expiresAt), 'code_expires_at')}
        FROM signup WHERE t.id = signup.token_id`,
      mail: insertMail(
        {
          id: code.mailId,
          kind: 'verify_email',
          userId: sql`id`,
          recipient: sql`CASE WHEN NOT is_taken THEN email END`,
          recipientKey: sql`recipient_key`,
          at: now,
          skipped: choose(sql`is_taken`, 'address_taken', choose(sql`is_due`, null, 'budget')),
        },
        sql`FROM signup`,
      ),
      event: event(
        {
          kind: 'verify.resent',
          caller,
          at: now,
          userId: sql`signup.id`,
          reason: choose(sql`signup.id IS NULL`, 'not_open', choose(sql`is_due`, null, 'mail_budget')),
        },
        sql`FROM (SELECT) one LEFT JOIN signup ON true`,
      ),
    },
    select: sql`SELECT id FROM signup`,
    row: { id: column.uuid },
  });
  await run(db, replaced, { caller, locks: [lockAddressOf(id)] });
}

/** The new value if the code is replaced, otherwise the present one. */
const ifDue = (value: SQL, column: string): SQL =>
  sql`CASE WHEN is_due THEN ${value} ELSE t.${sql.raw(column)} END`;
