/**
 * Counters of failed logins, a row of `failed_login_attempts` each. A try meets two or more of them (guard/lockout.ts).
 * It is counted before the password is judged, in a batch of its own that nothing later undoes; what its result does to
 * the counters is attempt-results.ts.
 *
 * | column           | holds                                                                                    |
 * |------------------|------------------------------------------------------------------------------------------|
 * | `failures`       | tries in the present window: once there are `budget` of them, each must wait for the next |
 * | `window_ends_at` | the end of that window; past the budget it begins again with each try                    |
 * | `locked_until`   | the end of the wait; until then no try is judged, nor counted                            |
 * | `in_a_row`       | tries since the last success, in whatever window: at `max_in_a_row` only a reset helps   |
 * | `expires_at`     | when the row means nothing any more, swept or not                                        |
 *
 * The rows of a try are locked first, in the order of their keys, so that parallel guesses are judged one after the
 * other and each sees what the one before it has left.
 */
import { type SQL, sql } from 'drizzle-orm';
import { bytes, instant } from './db.ts';
import type { Parts } from './statement.ts';

/** A counter, as guard/lockout.ts makes it: past `budget` failures in `windowSeconds`, each further try must wait longer. */
export type Counter = {
  key: Uint8Array;
  /** The same for all counters of one address, with an account or without, so that they can be cleared together. */
  ownerKey: Uint8Array;
  /** Whether it counts the tries of known devices, or of all others. */
  forKnown: boolean;
  budget: number;
  windowSeconds: number;
  /** Seconds to wait after the last failure of the budget, after the next, and so on; the last one repeats. */
  waits: readonly number[];
  /** Failures since the last success that close the way until the password is reset (NIST SP 800-63B-4 section 3.2.2). */
  maxInARow: number | null;
};

/**
 * Days that failures in a row are remembered after the last of them: one for each, up to this. A row that one stranger's
 * guess has made is gone after a day, and patience buys nothing: it is one guess a day, where the 30 days allow more.
 */
export const MAX_DAYS_KEPT = 30;
const SWEEP = 20;

/** Seconds after a try for which its counter matters, failures in a row apart: until its window and longest wait are over. */
export const secondsKept = ({ windowSeconds, waits }: Counter): number => Math.max(windowSeconds, ...waits);

export const keysOf = (counters: readonly Counter[]): SQL =>
  sql.join(
    counters.map(({ key }) => bytes(key)),
    sql`, `,
  );

/**
 * The first statement of the batch: every counter has a row, and this transaction holds it. What had expired counts for
 * nothing, swept or not. The sweep goes by the clock of the database, since it deletes the rows of others.
 */
export function holdCounters(counters: readonly Counter[], now: Date): SQL {
  const rows = counters.map(
    (counter) => sql`(${bytes(counter.key)}, ${bytes(counter.ownerKey)}, ${secondsKept(counter)}::int)`,
  );
  return sql`
    WITH swept AS (
      DELETE FROM failed_login_attempts WHERE key IN (
        SELECT key FROM failed_login_attempts
        WHERE expires_at <= now() AND key NOT IN (${keysOf(counters)})
        LIMIT ${SWEEP} FOR UPDATE SKIP LOCKED)
    )
    INSERT INTO failed_login_attempts AS held (key, owner_key, failures, in_a_row, window_ends_at, expires_at)
    SELECT key, owner_key, 0, 0, ${instant(now)}, ${instant(now)} + seconds_kept * interval '1 s'
    FROM (VALUES ${sql.join(rows, sql`, `)}) AS counter (key, owner_key, seconds_kept) ORDER BY key
    ON CONFLICT (key) DO UPDATE SET expires_at = GREATEST(held.expires_at, excluded.expires_at),
      in_a_row = CASE WHEN held.expires_at <= ${instant(now)} THEN 0 ELSE held.in_a_row END`;
}

/**
 * Parts that judge and count one try, for the statement behind `holdCounters`. `isKnown` is an expression: whether the
 * try comes from a known device of the account. What they come to is `verdict`, one row: `locked`, `wait_seconds` (NULL
 * when only a reset helps), `is_known`, `is_last` (of the failures in a row), `is_first` (of this client, in its window).
 */
export function countTry(counters: readonly Counter[], isKnown: SQL, now: Date): Parts {
  const rules = counters.map(
    ({ key, forKnown, budget, windowSeconds, waits, maxInARow }) =>
      sql`(${bytes(key)}, ${forKnown}::boolean, ${budget}::int, ${windowSeconds}::int,
        ${sql.param([...waits])}::int[], ${maxInARow}::int)`,
  );
  const isInWindow = sql`a.window_ends_at > ${instant(now)}`;
  const newWindowEnd = sql`${instant(now)} + rule.length * interval '1 s'`;
  return {
    known: sql`SELECT ${isKnown} AS is_known`,
    // The counters that the try meets, with this try among `failures` and `in_a_row`.
    met: sql`
      SELECT rule.*, known.is_known, a.locked_until,
        COALESCE(a.in_a_row >= rule.max_in_a_row, false) AS is_closed,
        COALESCE(a.locked_until > ${instant(now)}, false) AS is_waiting,
        a.in_a_row + 1 AS in_a_row,
        CASE WHEN ${isInWindow} THEN a.failures ELSE 0 END + 1 AS failures,
        CASE WHEN ${isInWindow} THEN a.window_ends_at ELSE ${newWindowEnd} END AS window_ends_at
      FROM (VALUES ${sql.join(rules, sql`, `)}) AS rule (key, for_known, budget, length, waits, max_in_a_row)
      JOIN known ON known.is_known = rule.for_known
      JOIN failed_login_attempts a ON a.key = rule.key`,
    // Locked by one of them is locked. The longest wait counts.
    verdict: sql`
      SELECT bool_or(is_closed OR is_waiting) AS locked, bool_and(is_known) AS is_known,
        CASE WHEN NOT bool_or(is_closed)
          THEN ceil(extract(epoch FROM max(locked_until) - ${instant(now)}))::int END AS wait_seconds,
        bool_or(COALESCE(in_a_row = max_in_a_row, false)) AS is_last,
        bool_or(max_in_a_row IS NULL AND failures = 1) AS is_first
      FROM met`,
    counted: sql`
      UPDATE failed_login_attempts a
      SET failures = met.failures, in_a_row = met.in_a_row,
        locked_until = CASE WHEN met.failures >= met.budget THEN ${instant(now)}
          + met.waits[LEAST(met.failures - met.budget + 1, cardinality(met.waits))] * interval '1 s' END,
        -- Who goes on past the budget goes on being slow, until a whole window has passed in peace.
        window_ends_at = CASE WHEN met.failures >= met.budget
          THEN ${instant(now)} + met.length * interval '1 s' ELSE met.window_ends_at END,
        expires_at = CASE
          WHEN met.in_a_row = met.max_in_a_row THEN 'infinity'
          WHEN met.max_in_a_row IS NULL THEN a.expires_at
          ELSE GREATEST(a.expires_at, ${instant(now)} + LEAST(met.in_a_row, ${MAX_DAYS_KEPT}::int) * interval '1 day') END
      FROM met, verdict
      WHERE a.key = met.key AND NOT verdict.locked`,
  };
}
