/** Changes the password of somebody who is logged in, while the confirmed one is still the current one. */
import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import * as z from 'zod';
import type { Bearer, Caller } from '../caller.ts';
import { later } from '../lib/time.ts';
import { type Confirmation, clearConfirmation, isConfirmed } from './confirmation.ts';
import { bytes, type Db, instant } from './db.ts';
import { event } from './events.ts';
import { usedBefore } from './last-use.ts';
import { insertMail } from './outbox.ts';
import { lockPerson, lockSession } from './person-lock.ts';
import { column, run, statement } from './statement.ts';

/** The version of a new password: always later than the one before, even when the clocks of two isolates differ. */
export const nextVersion = (now: Date): SQL =>
  sql`GREATEST(${instant(now)}, password_changed_at + interval '1 millisecond')`;

/** New values for the session that continues. Copies of its old refresh token and device token stop working. */
export type Renewal = { secretHash: Uint8Array; deviceId: string; idleSeconds: number };

const renewed = {
  passwordChangedAt: column.instant,
  amr: z.array(column.text),
  authenticatedAt: column.instant,
  expiresAt: column.instant,
};

/** What the new tokens of the session say. They start at generation 0. */
export type Renewed = z.output<z.ZodObject<typeof renewed>>;

const selectRenewed = sql`
  SELECT password_changed_at AS "passwordChangedAt", amr, created_at AS "authenticatedAt", expires_at AS "expiresAt"
  FROM session`;

/** The part `session`: renews the session of the confirmation, once `person` has the new password. */
const renewSession = ({ sessionId }: Bearer, renewal: Renewal, now: Date): SQL => sql`
  UPDATE user_sessions s SET secret_hash = ${bytes(renewal.secretHash)}, device_id = ${renewal.deviceId}::uuid,
    generation = 0, exchanged_generation = NULL, rotated_at = NULL, password_changed_at = person.password_changed_at,
    used_before_at = ${usedBefore('s', now)}, last_used_at = ${instant(now)},
    idle_expires_at = LEAST(expires_at, ${instant(later(now, renewal.idleSeconds))})
  FROM person WHERE s.id = ${sessionId}::uuid
  RETURNING s.*`;

const locksOf = ({ userId, sessionId }: Bearer): SQL[] => [lockPerson(userId), lockSession(sessionId)];

/**
 * Sets the new password, renews this session and ends all others, deletes reset links, cancels a waiting change of
 * address, and owes a notice, whose id it gives. Undefined when the confirmed password is no longer the current one.
 */
export async function changePassword(
  db: Db,
  confirmation: Confirmation,
  { passwordHash, ...renewal }: Renewal & { passwordHash: string },
  caller: Caller,
  now: Date,
): Promise<(Renewed & { mailId: string }) | undefined> {
  const [mailId, eventId] = [uuidv7(), uuidv7()];
  const changed = statement({
    parts: {
      person: sql`
        UPDATE users SET password_hash = ${passwordHash}, password_changed_at = ${nextVersion(now)}
        WHERE ${isConfirmed(confirmation, now)}
        RETURNING id, email, password_changed_at`,
      session: renewSession(confirmation, renewal, now),
      ended: sql`
        UPDATE user_sessions SET revoked_at = ${instant(now)}, revoked_reason = 'password_changed'
        FROM person
        WHERE user_id = person.id AND user_sessions.id <> ${confirmation.sessionId}::uuid AND revoked_at IS NULL`,
      links: sql`DELETE FROM password_reset_tokens USING person WHERE user_id = person.id`,
      cancelled: sql`
        DELETE FROM verification_tokens USING person WHERE user_id = person.id AND purpose = 'change_email'`,
      cleared: clearConfirmation(confirmation, 'person', now),
      change: event(
        {
          id: eventId,
          kind: 'password.changed',
          caller,
          at: now,
          userId: sql`id`,
          sessionId: sql`${confirmation.sessionId}`,
        },
        sql`FROM person`,
      ),
      mail: insertMail(
        { id: mailId, kind: 'password_changed', userId: sql`id`, recipient: sql`email`, eventId, at: now },
        sql`FROM person`,
      ),
    },
    select: selectRenewed,
    row: renewed,
  });
  const [row] = await run(db, changed, { caller, locks: locksOf(confirmation) });
  return row && { ...row, mailId };
}

/** The same change sent again, because its answer was lost: renews the session once more, and does nothing else. */
export async function repeatPasswordChange(
  db: Db,
  confirmation: Confirmation,
  renewal: Renewal,
  now: Date,
): Promise<Renewed | undefined> {
  const repeated = statement({
    parts: {
      person: sql`SELECT id, password_changed_at FROM users WHERE ${isConfirmed(confirmation, now)}`,
      session: renewSession(confirmation, renewal, now),
      cleared: clearConfirmation(confirmation, 'person', now),
    },
    select: selectRenewed,
    row: renewed,
  });
  const [row] = await run(db, repeated, { locks: locksOf(confirmation) });
  return row;
}
