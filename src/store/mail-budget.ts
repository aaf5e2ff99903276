/**
 * How much mail strangers can cause for one address: a mail that is counted carries the MAC of its recipient, whoever
 * asked for it. Notices of what happened to an account carry none and are never held back, or an attacker would spend
 * the budget first and then be silent. Exact where the statement runs behind the lock of the address (address-lock.ts).
 */
import { type SQL, sql } from 'drizzle-orm';
import type { Budget } from '../lib/budgets.ts';
import { bytes, instant, later } from './db.ts';

/** MACs of an address (mail/recipient.ts): the first is the one that is written, mail of any of them counts. */
export type RecipientKeys = readonly [Uint8Array, ...Uint8Array[]];

/** A condition: one more mail fits to the address. */
export const recipientFits = (keys: RecipientKeys, budgets: readonly Budget[], now: Date): SQL =>
  mailsFit(sql`o.recipient_key IN (${sql.join(keys.map(bytes), sql`, `)})`, budgets, now);

/** A condition, in a statement that updates the token `t`: one more mail fits to the address it is proof of. */
export const tokenRecipientFits = (budgets: readonly Budget[], now: Date): SQL =>
  mailsFit(sql`o.recipient_key = t.recipient_key`, budgets, now);

const mailsFit = (isTo: SQL, budgets: readonly Budget[], now: Date): SQL =>
  fits(sql`FROM email_outbox o WHERE ${isTo}`, sql`o.created_at`, budgets, now);

/**
 * A condition: the person may ask for one more mail to an address that is not theirs. What counts is what was granted
 * by this rule, not what was mailed: whether another's budget was spent must not show in what the asker is mailed next.
 */
export const askerFits = (askerId: string, budgets: readonly Budget[], now: Date): SQL =>
  fits(
    sql`FROM security_events e
      WHERE e.user_id = ${askerId}::uuid AND e.kind = 'email.change_requested' AND e.reason IS NULL`,
    sql`e.occurred_at`,
    budgets,
    now,
  );

function fits(rows: SQL, at: SQL, budgets: readonly Budget[], now: Date): SQL {
  const since = (seconds: number) => sql`${at} > ${instant(later(now, -seconds))}`;
  const counts = budgets.map(
    ({ count, seconds }) => sql`count(*) FILTER (WHERE ${since(seconds)}) < ${count}::int`,
  );
  const longest = Math.max(...budgets.map(({ seconds }) => seconds));
  return sql`(SELECT ${sql.join(counts, sql` AND `)} ${rows} AND ${since(longest)})`;
}
