/**
 * Resets a password by a mailed link (reset-request.ts). A link works once, and then all other links of the person are
 * void.
 *
 * A used link is remembered until it would have expired. The same request sent again, because its answer was lost,
 * gets the same answer. A request with another password is refused and makes the link forget: so a used link is no way
 * to guess the password.
 */
import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Caller } from '../caller.ts';
import { clearCountersOf } from './attempt-results.ts';
import { choose } from './constants.ts';
import { type Db, instant } from './db.ts';
import { event } from './events.ts';
import { liftSuppressionOf } from './mail-reports.ts';
import { insertMail } from './outbox.ts';
import { nextVersion } from './passwords.ts';
import { lockPersonOfReset } from './person-lock.ts';
import { column, run, statement } from './statement.ts';

/**
 * A condition on the link `t` of the person `u`: it works, or it was used and its password is still the current one.
 */
const isOpen = (now: Date): SQL => sql`
  (t.expires_at > ${instant(now)} AND u.disabled_at IS NULL
    AND (t.used_at IS NULL OR t.password_changed_at = u.password_changed_at))`;

const resetSubject = { userId: column.uuid, name: column.text, email: column.text };

/**
 * Whose password a link resets. Also for a used link whose password is still the current one. Any other link is
 * recorded as a failed try.
 */
export async function findReset(
  db: Db,
  tokenId: string,
  caller: Caller,
  now: Date,
): Promise<{ userId: string; name: string; email: string } | undefined> {
  const found = statement({
    parts: {
      reset: sql`
        SELECT u.id, u.name, u.email FROM password_reset_tokens t JOIN users u ON u.id = t.user_id
        WHERE t.id = ${tokenId}::uuid AND ${isOpen(now)}`,
      failed: event(
        { kind: 'reset.failed', caller, at: now, reason: 'not_open' },
        sql`WHERE NOT EXISTS (SELECT FROM reset)`,
      ),
    },
    select: sql`SELECT id AS "userId", name, email FROM reset`,
    row: resetSubject,
  });
  const [reset] = await run(db, found, { caller });
  return reset;
}

/** `counterOwners` are the owner keys of all login counters of the person (guard/lockout.ts). */
export type Reset = { tokenId: string; passwordHash: string; counterOwners: readonly Uint8Array[] };

/**
 * Uses up the link and sets the password. Everything that the old password opened ends: all sessions, all known
 * devices (they are bound to the version of the password) and a waiting change of address. The lockout ends too. Gives
 * the id of the notice that is owed; null when this link has set this very password before; undefined when the link
 * does not work.
 */
export async function completeReset(
  db: Db,
  { tokenId, passwordHash, counterOwners }: Reset,
  caller: Caller,
  now: Date,
): Promise<{ mailId: string | null } | undefined> {
  const mailId = uuidv7();
  const eventId = uuidv7();
  const completed = statement({
    parts: {
      link: sql`
        SELECT u.id, t.used_at IS NULL AS is_new, t.used_at IS NOT NULL AND u.password_hash = ${passwordHash} AS is_repeated
        FROM password_reset_tokens t JOIN users u ON u.id = t.user_id
        WHERE t.id = ${tokenId}::uuid AND ${isOpen(now)}`,
      person: sql`
        UPDATE users SET password_hash = ${passwordHash}, password_changed_at = ${nextVersion(now)}
        FROM link WHERE users.id = link.id AND link.is_new
        RETURNING users.id, users.email, users.password_changed_at`,
      used: sql`
        UPDATE password_reset_tokens SET used_at = ${instant(now)}, password_changed_at = person.password_changed_at
        FROM person WHERE password_reset_tokens.id = ${tokenId}::uuid`,
      forgotten: sql`
        UPDATE password_reset_tokens SET password_changed_at = NULL FROM link
        WHERE password_reset_tokens.id = ${tokenId}::uuid AND NOT is_new AND is_repeated IS NOT TRUE`,
      others: sql`
        DELETE FROM password_reset_tokens USING person
        WHERE user_id = person.id AND password_reset_tokens.id <> ${tokenId}::uuid`,
      ended: sql`
        UPDATE user_sessions SET revoked_at = ${instant(now)}, revoked_reason = 'password_reset'
        FROM person WHERE user_id = person.id AND revoked_at IS NULL`,
      cancelled: sql`
        DELETE FROM verification_tokens USING person WHERE user_id = person.id AND purpose = 'change_email'`,
      lifted: liftSuppressionOf(sql`email`, sql`person`),
      unlocked: sql`${clearCountersOf(counterOwners)} AND EXISTS (SELECT FROM person)`,
      event: event(
        {
          id: eventId,
          kind: choose(sql`person.id IS NULL`, 'reset.failed', 'reset.completed'),
          caller,
          at: now,
          userId: sql`person.id`,
          reason: choose(sql`person.id IS NULL`, 'not_open', null),
        },
        sql`FROM (SELECT) one LEFT JOIN person ON true WHERE NOT EXISTS (SELECT FROM link WHERE is_repeated)`,
      ),
      mail: insertMail(
        { id: mailId, kind: 'password_changed', userId: sql`id`, recipient: sql`email`, eventId, at: now },
        sql`FROM person`,
      ),
    },
    select: sql`SELECT CASE WHEN is_new THEN ${mailId} END AS "mailId" FROM link WHERE is_new OR is_repeated`,
    row: { mailId: column.text.nullable() },
  });
  const [done] = await run(db, completed, { caller, locks: [lockPersonOfReset(tokenId)] });
  return done;
}
