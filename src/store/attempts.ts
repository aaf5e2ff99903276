/**
 * Failed logins. A try is counted in a statement of its own batch, which nothing later undoes; a success takes it
 * back. The rows of a try are locked first, in the order of their keys, so that parallel guesses are judged one after
 * the other and each sees what the one before it has left.
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
const MAX_DAYS_KEPT = 30;
const SWEEP = 20;

/** Seconds after a try for which its counter matters, failures in a row apart: until its window and longest wait are over. */
const secondsKept = ({ windowSeconds, waits }: Counter): number => Math.max(windowSeconds, ...waits);

const keysOf = (counters: readonly Counter[]): SQL =>
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
  return {
    known: sql`SELECT ${isKnown} AS is_known`,
    state: sql`
      SELECT a.key, rule.budget, rule.length, rule.waits, rule.max_in_a_row, known.is_known,
        COALESCE(a.in_a_row >= rule.max_in_a_row, false) AS is_closed,
        COALESCE(a.locked_until > ${instant(now)}, false) AS is_waiting,
        a.locked_until, a.in_a_row + 1 AS in_a_row,
        CASE WHEN a.window_ends_at > ${instant(now)} THEN a.failures ELSE 0 END + 1 AS failures,
        CASE WHEN a.window_ends_at > ${instant(now)} THEN a.window_ends_at
          ELSE ${instant(now)} + rule.length * interval '1 s' END AS window_ends_at
      FROM (VALUES ${sql.join(rules, sql`, `)}) AS rule (key, for_known, budget, length, waits, max_in_a_row)
      JOIN known ON known.is_known = rule.for_known
      JOIN failed_login_attempts a ON a.key = rule.key`,
    verdict: sql`
      SELECT bool_or(is_closed OR is_waiting) AS locked, bool_and(is_known) AS is_known,
        CASE WHEN NOT bool_or(is_closed)
          THEN ceil(extract(epoch FROM max(locked_until) - ${instant(now)}))::int END AS wait_seconds,
        bool_or(COALESCE(in_a_row = max_in_a_row, false)) AS is_last,
        bool_or(max_in_a_row IS NULL AND failures = 1) AS is_first
      FROM state`,
    counted: sql`
      UPDATE failed_login_attempts a
      SET failures = state.failures, in_a_row = state.in_a_row,
        locked_until = CASE WHEN state.failures >= state.budget THEN ${instant(now)}
          + state.waits[LEAST(state.failures - state.budget + 1, cardinality(state.waits))] * interval '1 s' END,
        expires_at = CASE WHEN state.in_a_row = state.max_in_a_row THEN 'infinity'
          WHEN state.max_in_a_row IS NULL THEN a.expires_at
          ELSE GREATEST(a.expires_at,
            ${instant(now)} + LEAST(state.in_a_row, ${MAX_DAYS_KEPT}::int) * interval '1 day') END,
        -- Who goes on past the budget goes on being slow, until a whole window has passed in peace.
        window_ends_at = CASE WHEN state.failures >= state.budget
          THEN ${instant(now)} + state.length * interval '1 s' ELSE state.window_ends_at END
      FROM state, verdict
      WHERE a.key = state.key AND NOT verdict.locked`,
  };
}

/**
 * For a CTE: the try was no failure after all. What counted against its own client or device is over; of what all
 * strangers share it takes back its own part. A way that only a reset reopens stays closed.
 */
export function clearTry(counters: readonly Counter[], isKnown: boolean, now: Date): SQL {
  const rules = counters
    .filter(({ forKnown, maxInARow }) => forKnown === isKnown || maxInARow !== null)
    .map((counter) => {
      const { key, forKnown, maxInARow, budget } = counter;
      const isShared = !forKnown && maxInARow !== null;
      return sql`(${bytes(key)}, ${isShared}::boolean, ${forKnown === isKnown}::boolean, ${budget}::int,
        ${maxInARow}::int, ${secondsKept(counter)}::int)`;
    });
  return sql`
    UPDATE failed_login_attempts a
    SET in_a_row = CASE WHEN NOT is_own AND a.in_a_row >= max_in_a_row THEN a.in_a_row ELSE 0 END,
      expires_at = CASE WHEN NOT is_own AND a.in_a_row >= max_in_a_row THEN expires_at
        ELSE ${instant(now)} + seconds_kept * interval '1 s' END,
      failures = CASE WHEN NOT is_own THEN failures WHEN is_shared THEN GREATEST(failures - 1, 0) ELSE 0 END,
      locked_until = CASE WHEN is_own AND (NOT is_shared OR failures <= budget) THEN NULL ELSE locked_until END
    FROM (VALUES ${sql.join(rules, sql`, `)}) AS rule (key, is_shared, is_own, budget, max_in_a_row, seconds_kept)
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
      -- If it was the one that closed the way, it is open again, and not kept for ever.
      expires_at = LEAST(expires_at, window_ends_at + ${MAX_DAYS_KEPT}::int * interval '1 day'),
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

/** How many addresses one client fails for: past `max` of them in `windowSeconds`, it is suspected of spraying. */
export type AddressCount = { key: Uint8Array; max: number; windowSeconds: number };

/** For a CTE: the client has failed for one address more, if this one is new to it. Gives how many that makes, as `addresses`. */
export function countAddress({ key, windowSeconds }: AddressCount, isNew: SQL, now: Date): SQL {
  const end = sql`${instant(now)} + ${windowSeconds}::int * interval '1 s'`;
  return sql`
    INSERT INTO failed_login_attempts AS a (key, owner_key, failures, in_a_row, window_ends_at, expires_at)
    SELECT ${bytes(key)}, ${bytes(key)}, 1, 0, ${end}, ${end} WHERE ${isNew}
    ON CONFLICT (key) DO UPDATE SET
      failures = CASE WHEN a.window_ends_at > ${instant(now)} THEN a.failures ELSE 0 END + 1,
      window_ends_at = CASE WHEN a.window_ends_at > ${instant(now)} THEN a.window_ends_at ELSE ${end} END,
      expires_at = CASE WHEN a.window_ends_at > ${instant(now)} THEN a.expires_at ELSE ${end} END
    RETURNING failures AS addresses`;
}
