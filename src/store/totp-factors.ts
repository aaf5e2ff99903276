/** Adding and removing an authenticator app. Each is one statement behind the lock of the person. */
import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Bearer, Caller } from '../caller.ts';
import type { Sealed } from '../lib/sealed.ts';
import { bytes, type Db, instant } from './db.ts';
import { event } from './events.ts';
import { isUnchanged } from './factor-proof.ts';
import { type FreshProof, locksOf, proverParts } from './fresh-proof.ts';
import { isLiveSession } from './live-session.ts';
import { insertMail } from './outbox.ts';
import { lockPerson } from './person-lock.ts';
import { column, run, statement } from './statement.ts';

/** What the ticket of an enrolment says, and the step of the code that has confirmed it. */
export type Enrolment = Bearer & { passwordChangedAt: Date; mfaEpoch: number; sealed: Sealed; step: number };

/** A set of recovery codes, made in case the person has none yet. */
export type NewCodes = { setId: string; keyId: string };

/**
 * Adds the app, or replaces the one there was. `isNewSet`: the recovery codes of `codes` are those of the person from now
 * on. `gone`: the session has ended. `void`: password or factors have changed since the ticket was given; so a ticket
 * works once. The code of the enrolment is used up.
 */
export async function addTotp(
  db: Db,
  enrolment: Enrolment,
  codes: NewCodes,
  caller: Caller,
  now: Date,
): Promise<{ isNewSet: boolean; mailId: string } | 'gone' | 'void'> {
  const [mailId, eventId] = [uuidv7(), uuidv7()];
  const { userId, sessionId, sealed, step } = enrolment;
  const added = statement({
    parts: {
      bearer: sql`SELECT WHERE ${isLiveSession(enrolment, now)}`,
      before: sql`SELECT user_id FROM totp_factors WHERE user_id = ${userId}::uuid`,
      person: sql`
        UPDATE users SET mfa_epoch = mfa_epoch + 1
        FROM bearer WHERE ${isUnchanged(enrolment)}
        RETURNING users.id, users.email`,
      factor: insertTotp(sealed, step, now),
      codes: insertCodes(codes, now),
      ended: endOthers(sessionId, sql`before`, now),
      enabling: event(
        {
          id: eventId,
          kind: 'mfa.enabled',
          caller,
          at: now,
          userId: sql`id`,
          sessionId: sql`${sessionId}`,
        },
        sql`FROM person`,
      ),
      mail: insertMail(
        { id: mailId, kind: 'mfa_enabled', userId: sql`id`, recipient: sql`email`, eventId, at: now },
        sql`FROM person`,
      ),
    },
    select: sql`
      SELECT EXISTS (SELECT FROM person) AS "isAdded", EXISTS (SELECT FROM codes) AS "isNewSet" FROM bearer`,
    row: { isAdded: column.boolean, isNewSet: column.boolean },
  });
  const [row] = await run(db, added, { caller, locks: [lockPerson(userId)] });
  if (row === undefined) return 'gone';
  return row.isAdded ? { isNewSet: row.isNewSet, mailId } : 'void';
}

/** The part `factor`, for the row of `person`. */
export const insertTotp = (sealed: Sealed, step: number, now: Date): SQL => sql`
  INSERT INTO totp_factors (user_id, sealed, key_id, last_step, created_at)
  SELECT id, ${bytes(sealed.bytes)}, ${sealed.keyId}, ${step}::bigint, ${instant(now)} FROM person
  ON CONFLICT (user_id) DO UPDATE SET sealed = EXCLUDED.sealed, key_id = EXCLUDED.key_id,
    last_step = EXCLUDED.last_step, created_at = EXCLUDED.created_at`;

/** The part `codes`, for the row of `person`: gives a row only when there was no set. */
const insertCodes = ({ setId, keyId }: NewCodes, now: Date): SQL => sql`
  INSERT INTO recovery_codes (user_id, set_id, key_id, created_at)
  SELECT id, ${setId}::uuid, ${keyId}, ${instant(now)} FROM person
  ON CONFLICT (user_id) DO NOTHING RETURNING set_id`;

/**
 * Ends all other sessions of the person in the part `removed`, which has `user_id`: whoever took part in the life of a
 * factor that is gone logs in again (ASVS 7.4.3).
 */
export const endOthers = (sessionId: string, removed: SQL, now: Date): SQL => sql`
  UPDATE user_sessions SET revoked_at = ${instant(now)}, revoked_reason = 'factor_removed'
  FROM person, ${removed} gone
  WHERE user_sessions.user_id = person.id AND gone.user_id = person.id
    AND user_sessions.id <> ${sessionId}::uuid AND revoked_at IS NULL`;

/**
 * Removes the app, and the recovery codes with it unless the person still owes a second factor. All other sessions end.
 * Undefined when the proof does not hold; `isRemoved` is false when there was none.
 */
export async function removeTotp(
  db: Db,
  proof: FreshProof,
  isRequiredOfAll: boolean,
  caller: Caller,
  now: Date,
): Promise<{ isRemoved: boolean; mails: string[] } | undefined> {
  const [mailId, eventId] = [uuidv7(), uuidv7()];
  const { userId, sessionId } = proof;
  const stillOwes = sql`EXISTS (SELECT FROM users u JOIN passkeys k ON k.user_id = u.id
    WHERE u.id = ${userId}::uuid AND (u.mfa_required OR ${isRequiredOfAll}::boolean))`;
  const { parts, mails } = proverParts(proof, { totp: sql`false`, recovery: stillOwes }, caller, now);
  const removal = statement({
    parts: {
      ...parts,
      removed: sql`DELETE FROM totp_factors f USING prover WHERE f.user_id = prover.id RETURNING f.user_id`,
      person: sql`
        UPDATE users SET mfa_epoch = mfa_epoch + 1 FROM removed WHERE users.id = removed.user_id
        RETURNING users.id, users.email`,
      codes: sql`DELETE FROM recovery_codes f USING person WHERE f.user_id = person.id AND NOT ${stillOwes}`,
      ended: endOthers(sessionId, sql`removed`, now),
      disabling: event(
        {
          id: eventId,
          kind: 'mfa.disabled',
          caller,
          at: now,
          userId: sql`id`,
          sessionId: sql`${sessionId}`,
        },
        sql`FROM person`,
      ),
      mail: insertMail(
        { id: mailId, kind: 'mfa_disabled', userId: sql`id`, recipient: sql`email`, eventId, at: now },
        sql`FROM person`,
      ),
    },
    select: sql`SELECT EXISTS (SELECT FROM removed) AS "isRemoved" FROM prover`,
    row: { isRemoved: column.boolean },
  });
  const [row] = await run(db, removal, { caller, locks: locksOf(proof) });
  return row && { ...row, mails: [...mails, mailId] };
}
