/** What happens to the counters of a try (attempts.ts) once its password has been checked, or could not be. */
import { type SQL, sql } from 'drizzle-orm';
import { type Counter, keysOf, MAX_DAYS_KEPT, secondsKept } from './attempts.ts';
import { bytes, instant } from './db.ts';

/**
 * A part of a statement: the password was right. `isKnown` says by which counters the try was counted. `isTakenBack`: it
 * was right at an earlier request, which has taken its try back already. Two rules:
 *
 * 1. A success ends the failures in a row, in every counter that has them. If they have disabled the password already,
 *    only a reset enables it again.
 * 2. A counter that counted this try forgets the failures of its window, and the wait. If all strangers share the
 *    counter, it forgets this one try alone: the guesses of the others stay counted, and keep their wait.
 */
export function clearTry(
  counters: readonly Counter[],
  isKnown: boolean,
  now: Date,
  isTakenBack = false,
): SQL {
  const rows = counters
    .filter(({ forKnown, maxInARow }) => forKnown === isKnown || maxInARow !== null)
    .map((counter) => {
      const { key, forKnown, budget, maxInARow } = counter;
      const isShared = !forKnown && maxInARow !== null;
      const hasCounted = forKnown === isKnown && !(isShared && isTakenBack);
      return sql`(${bytes(key)}, ${hasCounted}::boolean, ${isShared}::boolean, ${budget}::int, ${maxInARow}::int,
        ${secondsKept(counter)}::int)`;
    });
  const staysDisabled = sql`NOT has_counted AND a.in_a_row >= max_in_a_row`;
  return sql`
    UPDATE failed_login_attempts a
    SET in_a_row = CASE WHEN ${staysDisabled} THEN in_a_row ELSE 0 END,
      expires_at = CASE WHEN ${staysDisabled} THEN expires_at ELSE ${instant(now)} + seconds_kept * interval '1 s' END,
      failures = CASE WHEN NOT has_counted THEN failures WHEN is_shared THEN GREATEST(failures - 1, 0) ELSE 0 END,
      locked_until = CASE WHEN has_counted AND (NOT is_shared OR failures <= budget) THEN NULL ELSE locked_until END
    FROM (VALUES ${sql.join(rows, sql`, `)}) AS rule (key, has_counted, is_shared, budget, max_in_a_row, seconds_kept)
    JOIN ${held(counters)} ON held.key = rule.key
    WHERE a.key = rule.key`;
}

/**
 * A part of a statement, or a whole one: the password was never checked, or it was right and led nowhere. The try is
 * taken out of its counters again.
 */
export function uncountTry(counters: readonly Counter[], isKnown: boolean): SQL {
  const counted = counters.filter(({ forKnown }) => forKnown === isKnown);
  const rules = counted.map(({ key, budget }) => sql`(${bytes(key)}, ${budget}::int)`);
  return sql`
    UPDATE failed_login_attempts a
    SET in_a_row = GREATEST(a.in_a_row - 1, 0), failures = GREATEST(failures - 1, 0),
      -- If this was the try that disabled the password: it is enabled again, and the row expires again.
      expires_at = LEAST(expires_at, window_ends_at + ${MAX_DAYS_KEPT}::int * interval '1 day'),
      locked_until = CASE WHEN failures > budget THEN locked_until END
    FROM (VALUES ${sql.join(rules, sql`, `)}) AS rule (key, budget)
    JOIN ${held(counters)} ON held.key = rule.key
    WHERE a.key = rule.key`;
}

/**
 * A part of a statement: deletes every counter of these owners. A try that is being counted comes completely before or
 * after it: it has locked its rows, and then waits for no other lock.
 */
export const clearCountersOf = (ownerKeys: readonly Uint8Array[]): SQL => sql`
  DELETE FROM failed_login_attempts WHERE key IN (
    SELECT key FROM failed_login_attempts
    WHERE owner_key IN (${sql.join(ownerKeys.map(bytes), sql`, `)}) ORDER BY key FOR UPDATE)`;

/** The rows of a try, locked in the same order as `holdCounters` locks them. */
const held = (counters: readonly Counter[]): SQL => sql`(
  SELECT key FROM failed_login_attempts
  WHERE key IN (${keysOf(counters)}) ORDER BY key FOR UPDATE) AS held`;
