/** What becomes of the counters of a try (attempts.ts) once it has been judged, or could not be. */
import { type SQL, sql } from 'drizzle-orm';
import { type Counter, keysOf, MAX_DAYS_KEPT, secondsKept } from './attempts.ts';
import { constant } from './constants.ts';
import { bytes, instant } from './db.ts';

/**
 * What a success means for a counter:
 *
 * | effect   | the counter                                                     | failures in the window | wait                            | failures in a row |
 * |----------|-----------------------------------------------------------------|------------------------|---------------------------------|-------------------|
 * | `clear`  | counted this try, for this client, device or session alone       | 0                      | over                            | 0                 |
 * | `lower`  | counted this try, for all strangers together                     | one less               | over, if the budget allows it   | 0                 |
 * | `streak` | did not count it, but counts failures in a row for the same person | as they were          | as it was                       | 0, or as they were once only a reset helps |
 * | none     | any other                                                       |                        |                                 |                   |
 *
 * So no success of one stranger forgives the guesses of the others, and none reopens what only a reset reopens.
 */
function effectOfSuccess({ forKnown, maxInARow }: Counter, isKnown: boolean) {
  const isShared = !forKnown && maxInARow !== null;
  if (forKnown === isKnown) return isShared ? 'lower' : 'clear';
  return maxInARow === null ? undefined : 'streak';
}

/** A part of a statement: the try was no failure after all. `isKnown` says by which counters it was counted. */
export function clearTry(counters: readonly Counter[], isKnown: boolean, now: Date): SQL {
  const rules = counters.flatMap((counter) => {
    const effect = effectOfSuccess(counter, isKnown);
    if (effect === undefined) return [];
    const { key, budget, maxInARow } = counter;
    return sql`(${bytes(key)}, ${constant(effect)}, ${budget}::int, ${maxInARow}::int, ${secondsKept(counter)}::int)`;
  });
  const staysClosed = sql`effect = 'streak' AND a.in_a_row >= max_in_a_row`;
  return sql`
    UPDATE failed_login_attempts a
    SET failures = CASE effect WHEN 'clear' THEN 0 WHEN 'lower' THEN GREATEST(failures - 1, 0) ELSE failures END,
      locked_until = CASE WHEN effect = 'clear' OR effect = 'lower' AND failures <= budget THEN NULL ELSE locked_until END,
      in_a_row = CASE WHEN ${staysClosed} THEN in_a_row ELSE 0 END,
      expires_at = CASE WHEN ${staysClosed} THEN expires_at ELSE ${instant(now)} + seconds_kept * interval '1 s' END
    FROM (VALUES ${sql.join(rules, sql`, `)}) AS rule (key, effect, budget, max_in_a_row, seconds_kept)
    JOIN ${held(counters)} ON held.key = rule.key
    WHERE a.key = rule.key`;
}

/** A part, or a whole statement: the try was never judged, or was right but led nowhere. It counts for nothing. */
export function uncountTry(counters: readonly Counter[], isKnown: boolean): SQL {
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
 * A part of a statement: every counter of these owners is gone, whenever it was made. A try that is being counted comes
 * before or after as a whole: it holds its rows, and those who hold them wait for nothing else.
 */
export const clearCountersOf = (ownerKeys: readonly Uint8Array[]): SQL => sql`
  DELETE FROM failed_login_attempts WHERE key IN (
    SELECT key FROM failed_login_attempts
    WHERE owner_key IN (${sql.join(ownerKeys.map(bytes), sql`, `)}) ORDER BY key FOR UPDATE)`;

/** The rows of a try, locked in the order in which `holdCounters` locks them. */
const held = (counters: readonly Counter[]): SQL => sql`(
  SELECT key FROM failed_login_attempts
  WHERE key IN (${keysOf(counters)}) ORDER BY key FOR UPDATE) AS held`;
