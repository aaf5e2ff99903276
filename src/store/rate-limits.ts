/**
 * Rate limits in Postgres, for the time that Redis is down. A row is one window of one key. The window is part of the
 * key, so an expired row is never written again, and any request may delete it.
 */
import { sql } from 'drizzle-orm';
import { type Demand, type Standing, standingOf, windowOf } from '../lib/windows.ts';
import { type Db, instant } from './db.ts';
import { column, run, statement } from './statement.ts';

const SWEEP = 20;

/**
 * Counts all demands, or none of them when one is used up. Gives how each stands, in their order. The first statement
 * creates and locks the rows, in the same order for everyone. The second one then sees everything that was counted
 * before.
 */
export async function takeFallback<D extends Demand>(
  db: Db,
  demands: readonly D[],
  now: Date,
): Promise<(D & Standing)[]> {
  const windows = demands.map((demand) => windowOf(demand, now.getTime()));
  const keys = sql`${sql.param(windows.map(({ key }) => key))}::text[]`;
  const held = sql`
    WITH swept AS (
      DELETE FROM rate_limit_fallback WHERE key IN (
        SELECT key FROM rate_limit_fallback WHERE expires_at <= ${instant(now)}
        LIMIT ${SWEEP} FOR UPDATE SKIP LOCKED)
    )
    INSERT INTO rate_limit_fallback AS held (key, count, expires_at)
    SELECT key, 0, to_timestamp(expires / 1000.0)
    FROM unnest(${keys}, ${sql.param(windows.map(({ resetAt }) => resetAt))}::bigint[]) AS demand (key, expires)
    ORDER BY key
    ON CONFLICT (key) DO UPDATE SET count = held.count`;
  const counted = statement({
    parts: {
      used: sql`
        SELECT key, held.count, demand.budget
        FROM unnest(${keys}, ${sql.param(demands.map(({ count }) => count))}::int[]) AS demand (key, budget)
        JOIN rate_limit_fallback AS held USING (key)`,
      counted: sql`
        UPDATE rate_limit_fallback SET count = count + 1
        WHERE key = ANY(${keys}) AND (SELECT bool_and(count < budget) FROM used)`,
    },
    select: sql`SELECT key, count FROM used`,
    row: { key: column.text, count: column.integer },
  });
  const rows = await run(db, counted, { locks: [held] });
  const used = new Map(rows.map(({ key, count }) => [key, count]));
  const usedOf = (index: number) => used.get(windows[index]?.key ?? '') ?? 0;
  const isCounted = demands.every(({ count }, index) => usedOf(index) < count);
  return demands.map((demand, index) => standingOf(demand, usedOf(index), isCounted, now.getTime()));
}
