/**
 * Password resets: one live link a person, the newest; used once. A link that was used is remembered for the rest of its
 * life, so that the same request sent twice, because its answer was lost, is answered twice. Only the first one to ask
 * for another password learns that it is another: from then on the link is dead, so it is no way to guess.
 */
import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Budget } from '../lib/budgets.ts';
import { lockAddress } from './address-lock.ts';
import { clearCountersOf } from './attempts.ts';
import { bytes, type Db, instant } from './db.ts';
import { type Caller, insertEvent, note } from './events.ts';
import { type RecipientKeys, recipientFits } from './mail-budget.ts';
import { insertMail } from './outbox.ts';
import { nextVersion } from './passwords.ts';
import { lockPersonOfReset } from './person-lock.ts';

/** The id is that of the mail that carries the link, too. */
export type NewReset = {
  id: string;
  email: string;
  keyId: string;
  expiresAt: Date;
  recipientKeys: RecipientKeys;
  mailBudget: readonly Budget[];
};

/**
 * Owes the link to whoever has the address, and replaces the one before; past the mail budget the one before stays
 * good. The event is recorded either way.
 */
export async function requestReset(db: Db, reset: NewReset, caller: Caller, now: Date): Promise<void> {
  const eventId = uuidv7();
  const statement = sql`
    WITH budget AS (
      SELECT ${recipientFits(reset.recipientKeys, reset.mailBudget, now)} AS fits
    ), owner AS (
      SELECT id FROM users WHERE email = ${reset.email} AND email_verified_at IS NOT NULL FOR NO KEY UPDATE
    ), person AS (
      SELECT id FROM owner, budget WHERE fits
    ), replaced AS (
      DELETE FROM password_reset_tokens USING person WHERE user_id = person.id AND used_at IS NULL
    ), token AS (
      INSERT INTO password_reset_tokens (id, user_id, recipient_key, key_id, expires_at, created_at)
      SELECT ${reset.id}::uuid, id, ${bytes(reset.recipientKeys[0])}, ${reset.keyId}, ${instant(reset.expiresAt)},
        ${instant(now)} FROM person
    ), mail AS (
      ${insertMail(
        {
          id: reset.id,
          kind: 'reset_password',
          userId: sql`id`,
          recipient: sql`${reset.email}`,
          recipientKey: bytes(reset.recipientKeys[0]),
          eventId,
          at: now,
        },
        sql`FROM person`,
      )}
    )
    ${insertEvent(
      {
        id: eventId,
        kind: 'reset.requested',
        caller,
        at: now,
        userId: sql`owner.id`,
        reason: sql`CASE WHEN owner.id IS NULL THEN 'unknown_address' WHEN NOT fits THEN 'mail_budget' END`,
      },
      sql`FROM budget LEFT JOIN owner ON true`,
    )}`;
  await db.batch([db.execute(lockAddress(reset.email)), db.execute(statement)]);
  note(caller, { event: 'reset.requested' });
}

/** Whom a reset is for, also one that was done, while its password is still the current one. Any other is recorded as tried. */
export async function findReset(
  db: Db,
  tokenId: string,
  caller: Caller,
  now: Date,
): Promise<{ userId: string; name: string; email: string } | undefined> {
  const { rows } = await db.execute<{ id: string; name: string; email: string }>(sql`
    WITH reset AS (
      SELECT u.id, u.name, u.email FROM password_reset_tokens t JOIN users u ON u.id = t.user_id
      WHERE t.id = ${tokenId}::uuid AND t.expires_at > ${instant(now)}
        AND (t.used_at IS NULL OR t.password_changed_at = u.password_changed_at)
    ), event AS (
      ${insertEvent(
        { kind: 'reset.failed', caller, at: now, reason: sql`'not_open'` },
        sql`WHERE NOT EXISTS (SELECT FROM reset)`,
      )}
    )
    SELECT id, name, email FROM reset`);
  const [row] = rows;
  if (row === undefined) note(caller, { event: 'reset.failed' });
  return row && { userId: row.id, name: row.name, email: row.email };
}

/** `counterOwners` are the keys of all that is counted for the person (guard/lockout.ts). */
export type Reset = { tokenId: string; passwordHash: string; counterOwners: readonly Uint8Array[] };

/**
 * Uses the link up and sets the password. With the old one goes all that was got by it: every session, every
 * known device (they are bound to the version of the password) and a change of address that waits; and the lockout
 * is over. Gives the id of the notice that is owed, null when this very password was set by this link before; undefined
 * when the link was no longer good.
 */
export async function completeReset(
  db: Db,
  { tokenId, passwordHash, counterOwners }: Reset,
  caller: Caller,
  now: Date,
): Promise<{ mailId: string | null } | undefined> {
  const mailId = uuidv7();
  const eventId = uuidv7();
  const statement = sql`
    WITH used AS (
      UPDATE password_reset_tokens t SET used_at = ${instant(now)},
        password_changed_at = (SELECT ${nextVersion(now)} FROM users WHERE id = t.user_id)
      WHERE id = ${tokenId}::uuid AND expires_at > ${instant(now)} AND used_at IS NULL
      RETURNING user_id, password_changed_at
    ), repeated AS (
      SELECT FROM password_reset_tokens t JOIN users u ON u.id = t.user_id
      WHERE t.id = ${tokenId}::uuid AND t.expires_at > ${instant(now)} AND t.used_at IS NOT NULL
        AND t.password_changed_at = u.password_changed_at AND u.password_hash = ${passwordHash}
    ), forgotten AS (
      UPDATE password_reset_tokens SET password_changed_at = NULL
      WHERE id = ${tokenId}::uuid AND used_at IS NOT NULL AND NOT EXISTS (SELECT FROM repeated)
    ), person AS (
      UPDATE users SET password_hash = ${passwordHash}, password_changed_at = used.password_changed_at
      FROM used WHERE users.id = used.user_id
      RETURNING users.id, users.email
    ), ended AS (
      UPDATE user_sessions SET revoked_at = ${instant(now)}, revoked_reason = 'password_reset'
      FROM person WHERE user_id = person.id AND revoked_at IS NULL
    ), cancelled AS (
      DELETE FROM verification_tokens USING person
      WHERE user_id = person.id AND purpose = 'change_email'
    ), unlocked AS (
      ${clearCountersOf(counterOwners)} AND EXISTS (SELECT FROM person)
    ), event AS (
      ${insertEvent(
        {
          id: eventId,
          kind: sql`CASE WHEN person.id IS NULL THEN 'reset.failed' ELSE 'reset.completed' END`,
          caller,
          at: now,
          userId: sql`person.id`,
          reason: sql`CASE WHEN person.id IS NULL THEN 'not_open' END`,
        },
        sql`FROM (SELECT) one LEFT JOIN person ON true WHERE NOT EXISTS (SELECT FROM repeated)`,
      )}
    ), mail AS (
      ${insertMail(
        { id: mailId, kind: 'password_changed', userId: sql`id`, recipient: sql`email`, eventId, at: now },
        sql`FROM person`,
      )}
    )
    SELECT EXISTS (SELECT FROM person) AS done, EXISTS (SELECT FROM repeated) AS repeated`;
  const [, { rows }] = await db.batch([
    db.execute(lockPersonOfReset(tokenId)),
    db.execute<{ done: boolean; repeated: boolean }>(statement),
  ]);
  if (rows[0]?.repeated) return { mailId: null };
  const isDone = rows[0]?.done === true;
  note(caller, { event: isDone ? 'reset.completed' : 'reset.failed' });
  return isDone ? { mailId } : undefined;
}
