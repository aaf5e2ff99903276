/**
 * When a session was last used, as its owner reads it. Whoever holds a copied refresh token must not learn from it when
 * the owner's client refreshes: shown within the grace, the copy could be answered with the very token that the owner
 * was given (docs/decisions/0011). So it says no more than in which five minutes that was, and not before they are over:
 * it changes when five minutes end, never because a session is used.
 */
import { type SQL, sql } from 'drizzle-orm';
import { instant } from './db.ts';

/** The five minutes that an instant lies in, by their beginning. */
const fiveMinutesOf = (at: SQL): SQL => sql`date_bin('5 minutes', ${at}, 'epoch'::timestamptz)`;

/** The last use before the present five minutes: what a use leaves in `used_before_at`. `alias` is a row of a session. */
export const usedBefore = (alias: string, now: Date): SQL => {
  const s = sql.raw(alias);
  return sql`CASE WHEN ${s}.last_used_at < ${fiveMinutesOf(instant(now))} THEN ${s}.last_used_at ELSE ${s}.used_before_at END`;
};

/** One that was not used before counts from its login, which its owner is told to the second. */
export const lastUse = (alias: string, now: Date): SQL =>
  sql`GREATEST(${sql.raw(alias)}.created_at, ${fiveMinutesOf(usedBefore(alias, now))})`;
