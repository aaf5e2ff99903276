/**
 * Counts for how many addresses one client fails to log in: password spraying. The counter is a row of its own in
 * `failed_login_attempts`, and it locks nobody.
 */
import { type SQL, sql } from 'drizzle-orm';
import { bytes, instant } from './db.ts';

/** A client that fails for `max` addresses within `windowSeconds` is suspected of spraying. */
export type AddressCount = { key: Uint8Array; max: number; windowSeconds: number };

/**
 * A part of a statement: if `isNew`, adds one address to the count of the client, and returns the new count as
 * `addresses`.
 */
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
