/**
 * The link in the old mailbox. It cancels a change of address that still waits, and undoes one that was made. It needs
 * no login, because a thief of the account may have ended all sessions of its owner. An undo closes every way in that
 * was opened since the change: all sessions, all known devices, the password. The owner then sets a new password by a
 * reset that is mailed to the restored address.
 */
import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import * as z from 'zod';
import type { Caller } from '../caller.ts';
import { lockAddressOfUndo } from './address-lock.ts';
import { type Db, instant, sqlState } from './db.ts';
import { event } from './events.ts';
import { insertMail } from './outbox.ts';
import { nextVersion } from './passwords.ts';
import { run, statement } from './statement.ts';

/** A condition: an open undo would restore this address, and to somebody else than `userId` (null: to anybody). */
export const isReservedFor = (email: SQL, userId: SQL, now: Date): SQL => sql`
  EXISTS (SELECT FROM email_change_undos d
    WHERE d.email = ${email} AND d.expires_at > ${instant(now)} AND d.user_id IS DISTINCT FROM ${userId})`;

/** `none`: there is nothing to cancel or to undo any more. */
export type CancelOutcome = 'cancelled' | 'undone' | 'none';

const UNIQUE_VIOLATION = '23505';

/** Locks the restored address, then the person, as every change of address does. */
const locksOf = (linkId: string): SQL[] => [
  lockAddressOfUndo(linkId),
  sql`SELECT FROM users WHERE id = (
      SELECT user_id FROM email_change_undos WHERE id = ${linkId}::uuid
      UNION ALL SELECT user_id FROM verification_tokens WHERE id = ${linkId}::uuid LIMIT 1)
    FOR NO KEY UPDATE`,
];

/**
 * Cancels or undoes the change of the link. `mails` are the ids of the two mails that tell both mailboxes about an
 * undo.
 */
export async function cancelOrUndoEmailChange(
  db: Db,
  linkId: string,
  mails: { toRestored: string; toReplaced: string },
  caller: Caller,
  now: Date,
): Promise<CancelOutcome> {
  const eventId = uuidv7();
  const mail = { kind: 'email_change_undone' as const, userId: sql`id`, eventId, at: now };
  const cancelOrUndo = statement({
    parts: {
      cancelled: sql`
        DELETE FROM verification_tokens
        WHERE id = ${linkId}::uuid AND purpose = 'change_email' AND used_at IS NULL
        RETURNING user_id`,
      person: restorePerson(linkId, now),
      ...closeWays(now),
      cancellation: event(
        { kind: 'email.change_cancelled', caller, at: now, userId: sql`user_id` },
        sql`FROM cancelled`,
      ),
      undoing: event(
        { id: eventId, kind: 'email.change_undone', caller, at: now, userId: sql`id` },
        sql`FROM person`,
      ),
      to_restored: insertMail({ ...mail, id: mails.toRestored, recipient: sql`email` }, sql`FROM person`),
      to_replaced: insertMail({ ...mail, id: mails.toReplaced, recipient: sql`replaced` }, sql`FROM person`),
    },
    select: sql`
      SELECT CASE WHEN EXISTS (SELECT FROM person) THEN 'undone' WHEN EXISTS (SELECT FROM cancelled) THEN 'cancelled'
        ELSE 'none' END AS outcome`,
    row: { outcome: z.enum(['cancelled', 'undone', 'none']) },
  });
  try {
    const [answer] = await run(db, cancelOrUndo, { caller, locks: locksOf(linkId) });
    return answer?.outcome ?? 'none';
  } catch (error) {
    if (sqlState(error) === UNIQUE_VIOLATION) return 'none';
    throw error;
  }
}

/**
 * Gives the person the old address back and removes the password. The version of the password is new, so no known
 * device and no login that is under way is accepted. A requested deletion is called off; what an operator has disabled
 * stays disabled.
 */
const restorePerson = (linkId: string, now: Date): SQL => sql`
  UPDATE users SET email = undo.email, password_hash = NULL, password_changed_at = ${nextVersion(now)},
    mfa_epoch = mfa_epoch + 1,
    disabled_at = CASE WHEN deletion_due_at IS NULL OR disabled_by IS NOT NULL THEN disabled_at END,
    deletion_due_at = NULL
  FROM (
    SELECT d.user_id, d.email, u.email AS replaced,
      (SELECT min(first.created_at) FROM email_change_undos first WHERE first.user_id = d.user_id) AS changed_at
    FROM email_change_undos d JOIN users u ON u.id = d.user_id
    WHERE d.id = ${linkId}::uuid AND d.expires_at > ${instant(now)}
  ) undo
  WHERE users.id = undo.user_id
  RETURNING users.id, users.email, undo.replaced, undo.changed_at`;

/**
 * What an undo ends. Second factors that were added since the change go too: they may be those of a thief, and would lock
 * the owner out. Older ones stay, so this is no way around them. The replaced mailbox cannot undo the undo: the
 * older mailbox decides.
 */
const closeWays = (now: Date) => ({
  undos: sql`DELETE FROM email_change_undos USING person WHERE user_id = person.id`,
  waiting: sql`DELETE FROM verification_tokens USING person WHERE user_id = person.id`,
  links: sql`DELETE FROM password_reset_tokens USING person WHERE user_id = person.id`,
  apps: addedSince('totp_factors'),
  passkeys: addedSince('passkeys'),
  codes: addedSince('recovery_codes'),
  ended: sql`
    UPDATE user_sessions SET revoked_at = ${instant(now)}, revoked_reason = 'email_change_undone' FROM person
    WHERE user_id = person.id AND revoked_at IS NULL`,
});

const addedSince = (table: 'totp_factors' | 'passkeys' | 'recovery_codes'): SQL => sql`
  DELETE FROM ${sql.raw(table)} f USING person WHERE f.user_id = person.id AND f.created_at >= person.changed_at`;
