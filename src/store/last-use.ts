/**
 * The "last used" time of a session, as its owner sees it. It is rounded on purpose. Somebody with a copied refresh
 * token must not learn from it when the owner's client refreshes: used within the grace, the copy could get the same
 * successor as the owner (docs/decisions/0011). So the time is given in steps of five minutes, and only after those
 * five minutes are over. It changes because time passes, never because the session is used.
 */
import { type SQL, sql } from 'drizzle-orm';
import { instant } from './db.ts';

/** The start of the five minutes that an instant lies in. */
const fiveMinutesOf = (at: SQL): SQL => sql`date_bin('5 minutes', ${at}, 'epoch'::timestamptz)`;

/**
 * The last use before the current five minutes. A new use stores it in `used_before_at`. `alias` names the row of the
 * session.
 */
export const usedBefore = (alias: string, now: Date): SQL => {
  const s = sql.raw(alias);
  return sql`CASE WHEN ${s}.last_used_at < ${fiveMinutesOf(instant(now))} THEN ${s}.last_used_at ELSE ${s}.used_before_at END`;
};

/**
 * The time that is shown. A session that was not used before shows its login, which the owner knows to the second
 * anyway.
 */
export const lastUse = (alias: string, now: Date): SQL =>
  sql`GREATEST(${sql.raw(alias)}.created_at, ${fiveMinutesOf(usedBefore(alias, now))})`;
