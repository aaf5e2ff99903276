/**
 * How much mail strangers can cause for one address, over all kinds that anyone may ask for without being logged in.
 * Notices of what happened to an account are not counted and never held back, or an attacker would spend the budget
 * first and then be silent. Exact where the statement runs behind the lock of the address (address-lock.ts).
 */
import { type SQL, sql } from 'drizzle-orm';
import { instant, later } from './db.ts';
import type { MailKind } from './outbox.ts';

const ASKED_FOR: MailKind[] = ['verify_email', 'already_registered', 'reset_password', 'change_email_taken'];

export type Budget = { count: number; seconds: number };

/**
 * A condition: one more mail to `email` fits. A change of address forgets whom it mailed, so its codes count against
 * the person who asks, `askerId`, who then cannot mail many addresses either.
 */
export function withinMailBudget(
  email: SQL,
  budgets: readonly Budget[],
  now: Date,
  askerId: string | null = null,
): SQL {
  const longest = Math.max(...budgets.map(({ seconds }) => seconds));
  const fits = budgets.map(
    ({ count, seconds }) =>
      sql`count(*) FILTER (WHERE o.created_at > ${instant(later(now, -seconds))}) < ${count}::int`,
  );
  return sql`(
    SELECT ${sql.join(fits, sql` AND `)}
    FROM (
      -- Apart, so that each half can use its partial index.
      SELECT id, false AS is_asker FROM users WHERE email = ${email} AND email_verified_at IS NOT NULL
      UNION ALL SELECT id, false FROM users WHERE email = ${email} AND email_verified_at IS NULL
      UNION ALL SELECT ${askerId}::uuid, true
    ) person JOIN email_outbox o ON o.user_id = person.id
      AND CASE WHEN is_asker THEN o.kind = 'change_email' ELSE o.kind = ANY(${sql.param(ASKED_FOR)}::text[]) END
    WHERE o.created_at > ${instant(later(now, -longest))})`;
}
