/** A new code for a sign-up that is open. */
import { sql } from 'drizzle-orm';
import type { Budget } from '../lib/budgets.ts';
import { lockAddressOf } from './address-lock.ts';
import { bytes, type Db, instant } from './db.ts';
import { type Caller, insertEvent, note } from './events.ts';
import { tokenRecipientFits } from './mail-budget.ts';
import { insertMail } from './outbox.ts';
import type { MailedCode } from './signups.ts';

/**
 * Replaces the code and owes the mail that carries it. Nothing happens when there is nothing to resend, or the mail
 * budget of the address is spent: the code before it then stays good.
 */
export async function replaceCode(
  db: Db,
  id: string,
  code: MailedCode,
  limits: { maxResends: number; mailBudget: readonly Budget[] },
  caller: Caller,
  now: Date,
): Promise<void> {
  const statement = sql`
    WITH token AS (
      UPDATE verification_tokens t
      SET mail_id = ${code.mailId}::uuid, key_id = ${code.keyId}, code_mac = ${bytes(code.mac)},
        code_expires_at = ${instant(code.expiresAt)}, resends = resends + 1
      FROM users u
      WHERE t.user_id = ${id}::uuid AND t.purpose = 'verify_email' AND t.used_at IS NULL AND t.resends < ${limits.maxResends}
        AND u.id = t.user_id AND u.email_verified_at IS NULL AND u.pending_expires_at > ${instant(now)}
        AND ${tokenRecipientFits(limits.mailBudget, now)}
      RETURNING u.id, u.email, t.recipient_key
    ), mail AS (
      ${insertMail(
        {
          id: code.mailId,
          kind: 'verify_email',
          userId: sql`id`,
          recipient: sql`email`,
          recipientKey: sql`recipient_key`,
          at: now,
        },
        sql`FROM token WHERE NOT EXISTS
          (SELECT FROM users o WHERE o.email = token.email AND o.email_verified_at IS NOT NULL)`,
      )}
    )
    ${insertEvent(
      {
        kind: 'verify.resent',
        caller,
        at: now,
        userId: sql`token.id`,
        reason: sql`CASE WHEN token.id IS NULL THEN 'not_open_or_mail_budget' END`,
      },
      sql`FROM (SELECT) one LEFT JOIN token ON true`,
    )}`;
  await db.batch([db.execute(lockAddressOf(id)), db.execute(statement)]);
  note(caller, { event: 'verify.resent' });
}
