/**
 * Counters of failed logins, each a row of `failed_login_attempts`. A try is counted in two or three of them
 * (guard/lockout.ts). It is counted before the password is checked, in a batch of its own that nothing undoes. What
 * the result of the check does to the counters is in attempt-results.ts.
 *
 * | column           | holds                                                                                    |
 * |------------------|------------------------------------------------------------------------------------------|
 * | `failures`       | tries in the current window. From `budget` tries on, each one must wait for the next      |
 * | `window_ends_at` | the end of that window. Past the budget, each try starts a new one                       |
 * | `locked_until`   | the end of the wait. Until then no password is checked, and no try is counted            |
 * | `in_a_row`       | tries since the last success, over all windows. At `max_in_a_row` only a reset helps     |
 * | `expires_at`     | from then on the row counts for nothing, even if it is not deleted yet                   |
 *
 * The rows of a try are locked first, in the order of their keys. So parallel guesses are judged one after the other,
 * and each one sees what the one before has written.
 */
import { type SQL, sql } from 'drizzle-orm';
import { bytes, instant } from './db.ts';
import type { Parts } from './statement.ts';

/**
 * A counter, as guard/lockout.ts makes it. After `budget` failures in `windowSeconds`, each further try must wait
 * longer.
 */
export type Counter = {
  key: Uint8Array;
  /**
   * The same for all counters of one address, so that they can be deleted together. Addresses without an account have
   * one too.
   */
  ownerKey: Uint8Array;
  /** Whether it counts the tries of known devices, or those of all other clients. */
  forKnown: boolean;
  budget: number;
  windowSeconds: number;
  /** The waits in seconds: after the last try of the budget, after the next one, and so on. The last one repeats. */
  waits: readonly number[];
  /**
   * After so many failures since the last success, no password is accepted until a reset (NIST SP 800-63B-4 section
   * 3.2.2). Null: the counter has no such limit.
   */
  maxInARow: number | null;
};

/**
 * Failures in a row are remembered for a day each, and for so many days at most. So the guess of one stranger is
 * forgotten after a day. Guessing more slowly does not help an attacker: one guess a day is less than the limit allows
 * in 30 days.
 */
export const MAX_DAYS_KEPT = 30;
const SWEEP = 20;

/**
 * For how many seconds after a try its counter matters: until the window and the longest wait are over. Failures in a
 * row are remembered longer.
 */
export const secondsKept = ({ windowSeconds, waits }: Counter): number => Math.max(windowSeconds, ...waits);

export const keysOf = (counters: readonly Counter[]): SQL =>
  sql.join(
    counters.map(({ key }) => bytes(key)),
    sql`, `,
  );

/**
 * The first statement of the batch: creates the missing rows and locks all of them. A row that has expired counts as
 * empty, even if it is not deleted yet. Some expired rows of others are deleted too, by the clock of the database.
 * `userId` is an expression: the account that the try is for, or NULL. By it an operator finds the counters of a person.
 */
export function holdCounters(counters: readonly Counter[], userId: SQL, now: Date): SQL {
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
    INSERT INTO failed_login_attempts AS held (key, owner_key, user_id, failures, in_a_row, window_ends_at, expires_at)
    SELECT key, owner_key, ${userId}, 0, 0, ${instant(now)}, ${instant(now)} + seconds_kept * interval '1 s'
    FROM (VALUES ${sql.join(rows, sql`, `)}) AS counter (key, owner_key, seconds_kept) ORDER BY key
    ON CONFLICT (key) DO UPDATE SET user_id = excluded.user_id,
      expires_at = GREATEST(held.expires_at, excluded.expires_at),
      in_a_row = CASE WHEN held.expires_at <= ${instant(now)} THEN 0 ELSE held.in_a_row END`;
}

/**
 * Parts that judge and count one try; the statement follows `holdCounters`. `isKnown` is an expression: whether the
 * try comes from a known device of the account. The result is one row, `verdict`:
 *
 * - `locked`: the password must not be checked, and the try is not counted.
 * - `wait_seconds`: how long that lasts. NULL when only a reset helps.
 * - `is_known`: the value of `isKnown`.
 * - `is_last`: the last of the failures in a row. If the password is wrong, it is disabled.
 * - `is_first`: the first try of this client in its window.
 * - `in_a_row`: the failures in a row, if this try is one.
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
    // The counters of this try. `failures` and `in_a_row` include it already.
    after_try: sql`
      SELECT rule.*, known.is_known, a.locked_until,
        COALESCE(a.in_a_row >= rule.max_in_a_row, false) AS needs_reset,
        COALESCE(a.locked_until > ${instant(now)}, false) AS is_waiting,
        a.in_a_row + 1 AS in_a_row,
        CASE WHEN ${isInWindow} THEN a.failures ELSE 0 END + 1 AS failures,
        CASE WHEN ${isInWindow} THEN a.window_ends_at ELSE ${newWindowEnd} END AS window_ends_at
      FROM (VALUES ${sql.join(rules, sql`, `)}) AS rule (key, for_known, budget, length, waits, max_in_a_row)
      JOIN known ON known.is_known = rule.for_known
      JOIN failed_login_attempts a ON a.key = rule.key`,
    // One locked counter locks the try. The longest wait counts.
    verdict: sql`
      SELECT bool_or(needs_reset OR is_waiting) AS locked, bool_and(is_known) AS is_known,
        CASE WHEN NOT bool_or(needs_reset)
          THEN ceil(extract(epoch FROM max(locked_until) - ${instant(now)}))::int END AS wait_seconds,
        bool_or(COALESCE(in_a_row = max_in_a_row, false)) AS is_last,
        bool_or(max_in_a_row IS NULL AND failures = 1) AS is_first, max(in_a_row) AS in_a_row
      FROM after_try`,
    counted: sql`
      UPDATE failed_login_attempts a
      SET failures = t.failures, in_a_row = t.in_a_row,
        locked_until = CASE WHEN t.failures >= t.budget THEN ${instant(now)}
          + t.waits[LEAST(t.failures - t.budget + 1, cardinality(t.waits))] * interval '1 s' END,
        -- Past the budget each try starts a new window: the waits go on until a whole window passes without a try.
        window_ends_at = CASE WHEN t.failures >= t.budget
          THEN ${instant(now)} + t.length * interval '1 s' ELSE t.window_ends_at END,
        expires_at = CASE
          WHEN t.in_a_row = t.max_in_a_row THEN 'infinity'
          WHEN t.max_in_a_row IS NULL THEN a.expires_at
          ELSE GREATEST(a.expires_at, ${instant(now)} + LEAST(t.in_a_row, ${MAX_DAYS_KEPT}::int) * interval '1 day') END
      FROM after_try t, verdict
      WHERE a.key = t.key AND NOT verdict.locked`,
  };
}

/** In place of `countTry`, for what is too long to be guessed. */
export const NOT_COUNTED: Parts = {
  verdict: sql`SELECT false AS locked, NULL::int AS wait_seconds, 0 AS in_a_row`,
};
