/** The first trip of a login by password: its try is counted, and the account of the address is read. */

import { type SQL, sql } from 'drizzle-orm';
import * as z from 'zod';
import { OwnFault } from '../lib/fault.ts';
import { uncountTry } from './attempt-results.ts';
import { type Counter, countTry, holdCounters } from './attempts.ts';
import { type Db, instant } from './db.ts';
import { factors, factorsOf } from './factors.ts';
import { column, run, statement } from './statement.ts';

const account = {
  id: column.uuid,
  email: column.text,
  name: column.text,
  passwordHash: column.text,
  passwordChangedAt: column.instant,
  mfaEpoch: column.integer,
  factors,
  createdAt: column.instant,
};

/** An account that has a password and is open. */
export type Account = z.output<z.ZodObject<typeof account>>;

type Verdict = {
  /** The try is refused without a look at the password. */
  isLocked: boolean;
  /** Null when waiting does not help. */
  waitSeconds: number | null;
  isKnownDevice: boolean;
  /** One more failure in a row, this one, disables the password. */
  isLast: boolean;
  /** This client's first try for this address in the window. */
  isFirst: boolean;
};

/** What a device token says: whose device it is, and for which version of the password. */
export type ShownDevice = { userId: string; passwordChangedAt: Date };

/** A condition: the device belongs to the account of the address and knows its current password. */
export const isDeviceOf = (email: string, device: ShownDevice | undefined): SQL =>
  device
    ? sql`EXISTS (SELECT FROM users WHERE id = ${device.userId}::uuid AND email = ${email}
        AND email_verified_at IS NOT NULL AND password_changed_at = ${instant(device.passwordChangedAt)})`
    : sql`false`;

/** A try to log in to an address. `device` comes from the device token, if there was one. */
export type LoginTry = { email: string; counters: Counter[]; device: ShownDevice | undefined };

/**
 * Counts the try and reads the account of the address, if it has one that a password can open. One trip. The same rows
 * are written for an address that nobody has. Waiting sign-ups of the address are found later, by login-failures.ts.
 * Only one that was imported is read here: its record has a salt of its own.
 * The parts, in their order (the first four are `countTry` of attempts.ts):
 *
 * - `known`: does the try come from a known device of the account?
 * - `after_try`: the counters of this try, with the try added to them.
 * - `verdict`: may the password be checked, or is the try locked?
 * - `counted`: the counters are written, unless the try is locked.
 * - `account`: the account of the address.
 */
export async function beginLogin(
  db: Db,
  { email, counters, device }: LoginTry,
  now: Date,
): Promise<Verdict & { account: Account | null; imported: string | null }> {
  const begun = statement({
    parts: {
      ...countTry(counters, isDeviceOf(email, device), now),
      account: sql`
        SELECT id, email, name, password_hash AS "passwordHash", password_changed_at AS "passwordChangedAt",
          mfa_epoch AS "mfaEpoch", ${factorsOf('users')} AS factors,
          created_at AS "createdAt"
        FROM users
        WHERE email = ${email} AND email_verified_at IS NOT NULL AND password_hash IS NOT NULL AND disabled_at IS NULL`,
    },
    select: sql`
      SELECT verdict.locked AS "isLocked", verdict.wait_seconds AS "waitSeconds", verdict.is_known AS "isKnownDevice",
        verdict.is_last AS "isLast", verdict.is_first AS "isFirst", to_jsonb(account) AS account,
        ${importedRecordOf(sql`${email}`, now)} AS imported
      FROM verdict LEFT JOIN account ON true`,
    row: {
      isLocked: column.boolean,
      waitSeconds: column.integer.nullable(),
      isKnownDevice: column.boolean,
      isLast: column.boolean,
      isFirst: column.boolean,
      account: z.object(account).nullable(),
      imported: column.text.nullable(),
    },
  });
  const userId = sql`(SELECT id FROM users WHERE email = ${email} AND email_verified_at IS NOT NULL)`;
  const [verdict] = await run(db, begun, { locks: [holdCounters(counters, userId, now)] });
  if (verdict === undefined) throw new OwnFault('TryNotCounted', 'a login try was not counted');
  return verdict;
}

/** The record of the imported sign-up that waits for proof of the address: there is one at most. */
export const importedRecordOf = (email: SQL, now: Date): SQL => sql`
  (SELECT password_hash FROM users imported WHERE imported.email = ${email}
    AND email_verified_at IS NULL AND external_source IS NOT NULL AND pending_expires_at > ${instant(now)})`;

/** A counted try. `isKnownDevice` says which of the counters it was counted in. */
export type CountedTry = { counters: Counter[]; isKnownDevice: boolean };

/**
 * Takes a try out of its counters again: the password was never checked, or it was right and the request then failed
 * on our side.
 */
export async function undoTry(db: Db, { counters, isKnownDevice }: CountedTry): Promise<void> {
  await run(db, statement({ select: uncountTry(counters, isKnownDevice), row: {} }));
}
