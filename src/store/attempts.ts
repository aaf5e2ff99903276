/**
 * Failed logins. A try is counted in a statement of its own batch, which nothing later undoes; a success takes it
 * back. The rows of a try are locked first, in the order of their keys, so that parallel guesses are judged one after
 * the other and each sees what the one before it has left.
 */
import { type SQL, sql } from 'drizzle-orm';
import { bytes, instant, later } from './db.ts';

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

/** How long a count of failures in a row is remembered after the last of them. */
const KEEP_SECONDS = 30 * 86_400;
const SWEEP = 20;

const keysOf = (counters: readonly Counter[]): SQL =>
  sql.join(
    counters.map(({ key }) => bytes(key)),
    sql`, `,
  );

/** The first statement of the batch: every counter has a row, and this transaction holds it. */
export function holdCounters(counters: readonly Counter[], now: Date): SQL {
  const rows = counters.map(({ key, ownerKey }) => sql`(${bytes(key)}, ${bytes(ownerKey)})`);
  return sql`
    WITH swept AS (
      DELETE FROM failed_login_attempts WHERE key IN (
        SELECT key FROM failed_login_attempts
        WHERE expires_at <= ${instant(now)} AND key NOT IN (${keysOf(counters)})
        LIMIT ${SWEEP} FOR UPDATE SKIP LOCKED)
    )
    INSERT INTO failed_login_attempts AS held (key, owner_key, failures, in_a_row, window_ends_at, expires_at)
    SELECT key, owner_key, 0, 0, ${instant(now)}, ${instant(later(now, KEEP_SECONDS))}
    FROM (VALUES ${sql.join(rows, sql`, `)}) AS counter (key, owner_key) ORDER BY key
    ON CONFLICT (key) DO UPDATE SET expires_at = GREATEST(held.expires_at, excluded.expires_at)`;
}

/**
 * CTEs that judge and count one try, for the statement after `holdCounters`. `isKnown` is an expression: whether the
 * try comes from a known device of the account. They end in `verdict`, one row: `locked`, `wait_seconds` (NULL when
 * only a reset helps), `is_known`, `is_last` (of the failures in a row).
 */
export function countTry(counters: readonly Counter[], isKnown: SQL, now: Date): SQL {
  const rules = counters.map(
    ({ key, forKnown, budget, windowSeconds, waits, maxInARow }) =>
      sql`(${bytes(key)}, ${forKnown}::boolean, ${budget}::int, ${windowSeconds}::int,
        ${sql.param([...waits])}::int[], ${maxInARow}::int)`,
  );
  return sql`
    known AS (SELECT ${isKnown} AS is_known),
    state AS (
      SELECT a.key, rule.budget, rule.length, rule.waits, rule.max_in_a_row, known.is_known,
        COALESCE(a.in_a_row >= rule.max_in_a_row, false) AS is_closed,
        COALESCE(a.locked_until > ${instant(now)}, false) AS is_waiting,
        a.locked_until, a.in_a_row + 1 AS in_a_row,
        CASE WHEN a.window_ends_at > ${instant(now)} THEN a.failures ELSE 0 END + 1 AS failures,
        CASE WHEN a.window_ends_at > ${instant(now)} THEN a.window_ends_at
          ELSE ${instant(now)} + rule.length * interval '1 s' END AS window_ends_at
      FROM (VALUES ${sql.join(rules, sql`, `)}) AS rule (key, for_known, budget, length, waits, max_in_a_row)
      JOIN known ON known.is_known = rule.for_known
      JOIN failed_login_attempts a ON a.key = rule.key
    ), verdict AS (
      SELECT bool_or(is_closed OR is_waiting) AS locked, bool_and(is_known) AS is_known,
        CASE WHEN NOT bool_or(is_closed)
          THEN ceil(extract(epoch FROM max(locked_until) - ${instant(now)}))::int END AS wait_seconds,
        bool_or(COALESCE(in_a_row = max_in_a_row, false)) AS is_last
      FROM state
    ), counted AS (
      UPDATE failed_login_attempts a
      SET failures = state.failures, in_a_row = state.in_a_row,
        locked_until = CASE WHEN state.failures >= state.budget THEN ${instant(now)}
          + state.waits[LEAST(state.failures - state.budget + 1, cardinality(state.waits))] * interval '1 s' END,
        expires_at = CASE WHEN state.in_a_row = state.max_in_a_row THEN 'infinity' ELSE a.expires_at END,
        -- Who goes on past the budget goes on being slow, until a whole window has passed in peace.
        window_ends_at = CASE WHEN state.failures >= state.budget
          THEN ${instant(now)} + state.length * interval '1 s' ELSE state.window_ends_at END
      FROM state, verdict
      WHERE a.key = state.key AND NOT verdict.locked
    )`;
}

/**
 * For a CTE: the try was no failure after all. What counted against its own client or device is over; of what all
 * strangers share it takes back its own part. A way that only a reset reopens stays closed.
 */
export function clearTry(counters: readonly Counter[], isKnown: boolean, now: Date): SQL {
  const rules = counters
    .filter(({ forKnown, maxInARow }) => forKnown === isKnown || maxInARow !== null)
    .map(({ key, forKnown, maxInARow, budget }) => {
      const isShared = !forKnown && maxInARow !== null;
      return sql`(${bytes(key)}, ${isShared}::boolean, ${forKnown === isKnown}::boolean, ${budget}::int,
        ${maxInARow}::int)`;
    });
  return sql`
    UPDATE failed_login_attempts a
    SET in_a_row = CASE WHEN NOT is_own AND a.in_a_row >= max_in_a_row THEN a.in_a_row ELSE 0 END,
      expires_at = CASE WHEN NOT is_own AND a.in_a_row >= max_in_a_row THEN expires_at
        ELSE ${instant(later(now, KEEP_SECONDS))} END,
      failures = CASE WHEN NOT is_own THEN failures WHEN is_shared THEN GREATEST(failures - 1, 0) ELSE 0 END,
      locked_until = CASE WHEN is_own AND (NOT is_shared OR failures <= budget) THEN NULL ELSE locked_until END
    FROM (VALUES ${sql.join(rules, sql`, `)}) AS rule (key, is_shared, is_own, budget, max_in_a_row)
    JOIN ${held(counters)} ON held.key = rule.key
    WHERE a.key = rule.key`;
}

/** For a CTE or alone: the try was not judged, or was right but led nowhere; it counts for nothing. */
export function takeBackTry(counters: readonly Counter[], isKnown: boolean): SQL {
  const counted = counters.filter(({ forKnown }) => forKnown === isKnown);
  const rules = counted.map(({ key, budget }) => sql`(${bytes(key)}, ${budget}::int)`);
  return sql`
    UPDATE failed_login_attempts a
    SET in_a_row = GREATEST(a.in_a_row - 1, 0), failures = GREATEST(failures - 1, 0),
      locked_until = CASE WHEN failures > budget THEN locked_until END
    FROM (VALUES ${sql.join(rules, sql`, `)}) AS rule (key, budget)
    JOIN ${held(counters)} ON held.key = rule.key
    WHERE a.key = rule.key`;
}

/**
 * For a CTE: every counter of these owners is gone, whenever it was made. A try that is being counted comes before or
 * after as a whole: it holds its rows, and those who hold them wait for nothing else.
 */
export const clearCountersOf = (ownerKeys: readonly Uint8Array[]): SQL => sql`
  DELETE FROM failed_login_attempts WHERE key IN (
    SELECT key FROM failed_login_attempts
    WHERE owner_key IN (${sql.join(ownerKeys.map(bytes), sql`, `)}) ORDER BY key FOR UPDATE)`;

/** The rows of a try, locked in the order in which `holdCounters` locks them. */
const held = (counters: readonly Counter[]): SQL => sql`(
  SELECT key FROM failed_login_attempts
  WHERE key IN (${keysOf(counters)}) ORDER BY key FOR UPDATE) AS held`;
