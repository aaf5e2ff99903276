/**
 * How much mail strangers can cause for one address, over all kinds that anyone may ask for without being logged in.
 * Notices of what happened to an account are not counted and never held back, or an attacker would spend the budget
 * first and then be silent. Exact where the statement runs behind the lock of the address (address-lock.ts).
 */
import { type SQL, sql } from 'drizzle-orm';
import { instant, later } from './db.ts';
import type { MailKind } from './outbox.ts';

const ASKED_FOR: MailKind[] = ['verify_email', 'already_registered'];

type Budget = { count: number; seconds: number };

/** A condition: one more mail to `email` fits. */
export function withinMailBudget(email: SQL, budgets: readonly Budget[], now: Date): SQL {
  const longest = Math.max(...budgets.map(({ seconds }) => seconds));
  const fits = budgets.map(
    ({ count, seconds }) =>
      sql`count(*) FILTER (WHERE o.created_at > ${instant(later(now, -seconds))}) < ${count}::int`,
  );
  return sql`(
    SELECT ${sql.join(fits, sql` AND `)}
    FROM email_outbox o JOIN users u ON u.id = o.user_id
    WHERE u.email = ${email} AND o.kind = ANY(${sql.param(ASKED_FOR)}::text[])
      AND o.created_at > ${instant(later(now, -longest))})`;
}
