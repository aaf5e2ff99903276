/** A login by password: its try is counted, and the account of the address is read. */

import { type SQL, sql } from 'drizzle-orm';
import * as z from 'zod';
import { OwnFault } from '../lib/fault.ts';
import { uncountTry } from './attempt-results.ts';
import { type Counter, countTry, holdCounters } from './attempts.ts';
import { type Db, instant } from './db.ts';
import { column, run, statement } from './statement.ts';

const account = {
  id: column.uuid,
  email: column.text,
  name: column.text,
  passwordHash: column.text,
  passwordChangedAt: column.instant,
  createdAt: column.instant,
};

/** An account that a password may open. */
export type Account = z.output<z.ZodObject<typeof account>>;

type Verdict = {
  /** The try is refused, whatever the password is. */
  isLocked: boolean;
  /** Null when no waiting helps. */
  waitSeconds: number | null;
  isKnownDevice: boolean;
  /** The last failure in a row that is let through. */
  isLast: boolean;
  /** The first failure of the address from this client in its window. */
  isFirst: boolean;
};

/** Whose device a token says it is, and for which version of the password. */
export type ShownDevice = { userId: string; passwordChangedAt: Date };

/** A condition: the device belongs to the account of the address, and knew the password of today. */
export const isDeviceOf = (email: string, device: ShownDevice | undefined): SQL =>
  device
    ? sql`EXISTS (SELECT FROM users WHERE id = ${device.userId}::uuid AND email = ${email}
        AND email_verified_at IS NOT NULL AND password_changed_at = ${instant(device.passwordChangedAt)})`
    : sql`false`;

/** A try of an address, from a device that says it is known or from none. */
export type LoginTry = { email: string; counters: Counter[]; device: ShownDevice | undefined };

/**
 * Counts the try and reads the account of the address, if it has one that is open to a password. One trip, and the same
 * rows are written for an address that nobody has. Sign-ups that wait there are for login-failures.ts to find.
 */
export async function beginLogin(
  db: Db,
  { email, counters, device }: LoginTry,
  now: Date,
): Promise<Verdict & { account: Account | null }> {
  const begun = statement({
    parts: {
      ...countTry(counters, isDeviceOf(email, device), now),
      account: sql`
        SELECT id, email, name, password_hash AS "passwordHash", password_changed_at AS "passwordChangedAt",
          created_at AS "createdAt"
        FROM users
        WHERE email = ${email} AND email_verified_at IS NOT NULL AND password_hash IS NOT NULL AND disabled_at IS NULL`,
    },
    select: sql`
      SELECT verdict.locked AS "isLocked", verdict.wait_seconds AS "waitSeconds", verdict.is_known AS "isKnownDevice",
        verdict.is_last AS "isLast", verdict.is_first AS "isFirst", to_jsonb(account) AS account
      FROM verdict LEFT JOIN account ON true`,
    row: {
      isLocked: column.boolean,
      waitSeconds: column.integer.nullable(),
      isKnownDevice: column.boolean,
      isLast: column.boolean,
      isFirst: column.boolean,
      account: z.object(account).nullable(),
    },
  });
  const [verdict] = await run(db, begun, { locks: [holdCounters(counters, now)] });
  if (verdict === undefined) throw new OwnFault('TryNotCounted', 'a login try was not counted');
  return verdict;
}

/** A try that was counted, and against whom: a known device, or a stranger. */
export type CountedTry = { counters: Counter[]; isKnownDevice: boolean };

/** Undoes the count of a try that was never judged, or was right and then failed on our side. */
export async function undoTry(db: Db, { counters, isKnownDevice }: CountedTry): Promise<void> {
  await run(db, statement({ select: uncountTry(counters, isKnownDevice), row: {} }));
}
