/** The password of someone who is logged in: read to be confirmed, and changed while it is still that one. */

import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { OwnFault } from '../lib/fault.ts';
import { type Counter, clearTry, countTry, holdCounters } from './attempts.ts';
import { type Db, instant } from './db.ts';
import { type Caller, insertEvent, note } from './events.ts';
import { insertMail } from './outbox.ts';
import { lockPerson } from './person-lock.ts';
import { type Bearer, type CountedTry, isLiveSession } from './users.ts';

/** Later than the version before it, whatever the clocks of two isolates say. */
export const nextVersion = (now: Date): SQL =>
  sql`GREATEST(${instant(now)}, password_changed_at + interval '1 millisecond')`;

export type OwnPassword = { email: string; name: string; passwordHash: string; passwordChangedAt: Date };

type ConfirmationRow = {
  locked: boolean;
  wait_seconds: number | null;
  email: string | null;
  name: string;
  password_hash: string;
  password_changed_at: string;
};

/** Counts the try and reads what the bearer's password is judged by: nothing when the session has ended. */
export async function beginConfirmation(
  db: Db,
  bearer: Bearer,
  counters: Counter[],
  now: Date,
): Promise<{ isLocked: boolean; waitSeconds: number | null; own: OwnPassword | undefined }> {
  const [, { rows }] = await db.batch([
    db.execute(holdCounters(counters, now)),
    db.execute<ConfirmationRow>(sql`
      WITH ${countTry(counters, sql`true`, now)}, person AS (
        SELECT email, name, password_hash, password_changed_at::text FROM users
        WHERE id = ${bearer.userId}::uuid AND ${isLiveSession(bearer, now)}
      )
      SELECT verdict.locked, verdict.wait_seconds, person.* FROM verdict LEFT JOIN person ON true`),
  ]);
  const [row] = rows;
  if (row === undefined) throw new OwnFault('TryNotCounted', 'a try of a password was not counted');
  const { email, name, password_hash: passwordHash } = row;
  const passwordChangedAt = new Date(row.password_changed_at);
  return {
    isLocked: row.locked,
    waitSeconds: row.wait_seconds,
    own: email === null ? undefined : { email, name, passwordHash, passwordChangedAt },
  };
}

/** The bearer, the version of the password that was confirmed and the try it took: a second trip is conditional on it. */
export type Confirmation = Bearer & Omit<OwnPassword, 'passwordHash'> & CountedTry;

/** For a CTE of the second trip: the try was no failure. `done` is the name of the CTE that did what was asked. */
export const clearConfirmation = ({ counters }: Confirmation, done: string, now: Date): SQL =>
  sql`${clearTry(counters, true, now)} AND EXISTS (SELECT FROM ${sql.raw(done)})`;

/** True of the row of `users` while the session is live and the confirmed password is still the current one. */
export const isConfirmed = (confirmation: Confirmation, now: Date): SQL => sql`
  users.id = ${confirmation.userId}::uuid AND users.email = ${confirmation.email}
    AND users.password_changed_at = ${instant(confirmation.passwordChangedAt)}
    AND ${isLiveSession(confirmation, now)}`;

/** Records that somebody with a live session did not know its password. */
export async function recordConfirmFailure(
  db: Db,
  bearer: Bearer,
  reason: 'wrong_password' | 'locked',
  caller: Caller,
  now: Date,
): Promise<void> {
  await db.execute(sql`
    WITH person AS (SELECT id FROM users WHERE id = ${bearer.userId}::uuid FOR KEY SHARE)
    ${insertEvent(
      {
        kind: 'password.confirm_failed',
        caller,
        at: now,
        userId: sql`id`,
        sessionId: sql`${bearer.sessionId}`,
        reason: sql`${reason}`,
      },
      sql`FROM person`,
    )}`);
  note(caller, { event: 'password.confirm_failed' });
}

/**
 * Sets the new password, ends every other session, voids reset links, cancels a change of address and owes the
 * notice, whose id it gives with the new version; undefined when the confirmed password is no longer the current one.
 */
export async function changePassword(
  db: Db,
  confirmation: Confirmation,
  passwordHash: string,
  caller: Caller,
  now: Date,
): Promise<{ mailId: string; passwordChangedAt: Date } | undefined> {
  const mailId = uuidv7();
  const eventId = uuidv7();
  const statement = sql`
    WITH person AS (
      UPDATE users SET password_hash = ${passwordHash}, password_changed_at = ${nextVersion(now)}
      WHERE ${isConfirmed(confirmation, now)}
      RETURNING id, email, password_changed_at
    ), ended AS (
      UPDATE user_sessions SET revoked_at = ${instant(now)}, revoked_reason = 'password_changed'
      FROM person
      WHERE user_id = person.id AND user_sessions.id <> ${confirmation.sessionId}::uuid AND revoked_at IS NULL
    ), links AS (
      DELETE FROM password_reset_tokens USING person WHERE user_id = person.id
    ), cancelled AS (
      DELETE FROM verification_tokens USING person
      WHERE user_id = person.id AND purpose = 'change_email'
    ), cleared AS (
      ${clearConfirmation(confirmation, 'person', now)}
    ), event AS (
      ${insertEvent(
        {
          id: eventId,
          kind: 'password.changed',
          caller,
          at: now,
          userId: sql`id`,
          sessionId: sql`${confirmation.sessionId}`,
        },
        sql`FROM person`,
      )}
    ), mail AS (
      ${insertMail(
        { id: mailId, kind: 'password_changed', userId: sql`id`, recipient: sql`email`, eventId, at: now },
        sql`FROM person`,
      )}
    )
    SELECT password_changed_at::text AS version FROM person`;
  const [, { rows }] = await db.batch([
    db.execute(lockPerson(confirmation.userId)),
    db.execute<{ version: string }>(statement),
  ]);
  const [row] = rows;
  if (row) note(caller, { event: 'password.changed' });
  return row && { mailId, passwordChangedAt: new Date(row.version) };
}
