/**
 * Counters that stand in for Redis while it is down. A row is one window of one key; as the window is part of the
 * key, what has expired is never written again and can be swept by whoever comes next.
 */
import { sql } from 'drizzle-orm';
import { type Db, instant } from './db.ts';

type Demand = { name: string; key: string; count: number; seconds: number };

const SWEEP = 20;

/** Counts each demand once, all in one statement; the standing of each, in order. */
export async function takeFallback(
  db: Db,
  demands: readonly Demand[],
  now: Date,
): Promise<{ fits: boolean; remaining: number; resetInMs: number }[]> {
  const windows = demands.map((demand) => windowOf(demand, now));
  const { rows } = await db.execute<{ key: string; count: number }>(sql`
    WITH swept AS (
      DELETE FROM rate_limit_fallback WHERE key IN (
        SELECT key FROM rate_limit_fallback WHERE expires_at <= ${instant(now)}
        LIMIT ${SWEEP} FOR UPDATE SKIP LOCKED)
    )
    INSERT INTO rate_limit_fallback AS held (key, count, expires_at)
    SELECT key, 1, to_timestamp(expires / 1000.0)
    FROM unnest(${sql.param(windows.map(({ key }) => key))}::text[],
      ${sql.param(windows.map(({ resetAt }) => resetAt))}::bigint[]) AS demand (key, expires)
    ORDER BY key
    ON CONFLICT (key) DO UPDATE SET count = held.count + 1
    RETURNING key, count`);
  const counts = new Map(rows.map(({ key, count }) => [key, Number(count)]));
  return windows.map(({ key, resetAt }, index) => {
    const budget = demands[index]?.count ?? 0;
    const used = counts.get(key) ?? 0;
    return {
      fits: used <= budget,
      remaining: Math.max(budget - used, 0),
      resetInMs: resetAt - now.getTime(),
    };
  });
}

function windowOf({ name, key, seconds }: Demand, now: Date) {
  const length = seconds * 1_000;
  const window = Math.floor(now.getTime() / length);
  return { key: `${name}:${seconds}:${window}:${key}`, resetAt: (window + 1) * length };
}
