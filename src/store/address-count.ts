/** How many addresses one client fails for, in a row of `failed_login_attempts` of its own. It locks nobody. */
import { type SQL, sql } from 'drizzle-orm';
import { bytes, instant } from './db.ts';

/** Whom it counts: past `max` addresses in `windowSeconds`, the client is suspected of spraying. */
export type AddressCount = { key: Uint8Array; max: number; windowSeconds: number };

/** A part of a statement: the client has failed for one address more, if `isNew`. Gives how many that makes, as `addresses`. */
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
