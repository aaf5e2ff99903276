/**
 * The password of somebody who is logged in, asked for again: it is read here and checked in password/confirm.ts. The
 * statement that follows applies only while that password is still the current one.
 */

import { type SQL, sql } from 'drizzle-orm';
import * as z from 'zod';
import { type Bearer, type Caller, transports } from '../caller.ts';
import { OwnFault } from '../lib/fault.ts';
import { later } from '../lib/time.ts';
import { clearTry } from './attempt-results.ts';
import { type Counter, countTry, holdCounters, NOT_COUNTED } from './attempts.ts';
import { type Db, instant } from './db.ts';
import { event } from './events.ts';
import { factorMaterial, factorMaterialOf } from './factor-proof.ts';
import { factors, factorsOf } from './factors.ts';
import { isLiveSession } from './live-session.ts';
import type { CountedTry } from './logins.ts';
import { column, run, statement } from './statement.ts';

/** How long the session that set the password may send the same request again, because the first answer was lost. */
const REPEATED_SECONDS = 600;

const ownPassword = {
  email: column.text,
  name: column.text,
  /** Null: no password is the right one. */
  passwordHash: column.text.nullable(),
  passwordChangedAt: column.instant,
  /** How the refresh token of the session travels. */
  transport: z.enum(transports),
  /** Whether this session has set the password, not long ago. */
  isSetHere: column.boolean,
  mfaEpoch: column.integer,
  factors,
  material: factorMaterial,
};

export type OwnPassword = z.output<z.ZodObject<typeof ownPassword>>;

/**
 * Counts the try (the parts of `countTry`) and reads what the password or the second factor is checked against. `own` is
 * null when the session has ended. Without counters the try is not counted. `credentialId` is the passkey of an answer.
 */
export async function beginConfirmation(
  db: Db,
  bearer: Bearer,
  counters: Counter[],
  now: Date,
  credentialId?: Uint8Array,
): Promise<{ isLocked: boolean; waitSeconds: number | null; own: OwnPassword | null }> {
  const begun = statement({
    parts: {
      ...(counters.length > 0 ? countTry(counters, sql`true`, now) : NOT_COUNTED),
      own: sql`
        SELECT users.email, users.name, users.password_hash AS "passwordHash",
          users.password_changed_at AS "passwordChangedAt", session.transport, users.mfa_epoch AS "mfaEpoch",
          ${factorsOf('users')} AS factors, ${factorMaterialOf('users', credentialId)} AS material,
          COALESCE(session.password_changed_at = users.password_changed_at
            AND users.password_changed_at > ${instant(later(now, -REPEATED_SECONDS))}, false) AS "isSetHere"
        FROM users JOIN user_sessions session ON session.id = ${bearer.sessionId}::uuid
        WHERE users.id = ${bearer.userId}::uuid AND ${isLiveSession(bearer, now)}`,
    },
    select: sql`
      SELECT verdict.locked AS "isLocked", verdict.wait_seconds AS "waitSeconds", to_jsonb(own) AS own
      FROM verdict LEFT JOIN own ON true`,
    row: {
      isLocked: column.boolean,
      waitSeconds: column.integer.nullable(),
      own: z.object(ownPassword).nullable(),
    },
  });
  const locks = counters.length > 0 ? [holdCounters(counters, sql`${bearer.userId}::uuid`, now)] : [];
  const [row] = await run(db, begun, { locks });
  if (row === undefined) throw new OwnFault('TryNotCounted', 'a try of a password was not counted');
  return row;
}

/**
 * Who confirmed the password, which version of it, and the try that this took. The second trip depends on all of it.
 */
export type Confirmation = Bearer & Omit<OwnPassword, 'passwordHash' | 'isSetHere'> & CountedTry;

/** A part of the second trip: the password was right. `done` names the part that did what was asked for. */
export const clearConfirmation = ({ counters }: Confirmation, done: string, now: Date): SQL =>
  sql`${clearTry(counters, true, now)} AND EXISTS (SELECT FROM ${sql.raw(done)})`;

/** A condition on a row of `users`: the session is live, and the confirmed password is still the current one. */
export const isConfirmed = (confirmation: Confirmation, now: Date): SQL => sql`
  users.id = ${confirmation.userId}::uuid AND users.email = ${confirmation.email}
    AND users.password_changed_at = ${instant(confirmation.passwordChangedAt)}
    AND ${isLiveSession(confirmation, now)}`;

/** Records a wrong password from somebody who has a live session. */
export async function recordConfirmFailure(
  db: Db,
  bearer: Bearer,
  reason: 'wrong_password' | 'locked',
  caller: Caller,
  now: Date,
): Promise<void> {
  const failed = statement({
    parts: {
      person: sql`SELECT id FROM users WHERE id = ${bearer.userId}::uuid FOR KEY SHARE`,
      failure: event(
        {
          kind: 'password.confirm_failed',
          caller,
          at: now,
          userId: sql`id`,
          sessionId: sql`${bearer.sessionId}`,
          reason,
        },
        sql`FROM person`,
      ),
    },
    select: sql`SELECT id FROM person`,
    row: { id: column.uuid },
  });
  await run(db, failed, { caller });
}
