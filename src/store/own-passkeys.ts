/** The passkeys of one person: added, renamed and removed by the bearer of a session. */
import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Bearer, Caller } from '../caller.ts';
import { bytes, type Db, instant } from './db.ts';
import { event } from './events.ts';
import { isUnchanged } from './factor-proof.ts';
import { type FreshProof, locksOf, proverParts } from './fresh-proof.ts';
import { isLiveSession } from './live-session.ts';
import { insertMail } from './outbox.ts';
import { lockPerson } from './person-lock.ts';
import { column, run, statement } from './statement.ts';
import { endOthers } from './totp-factors.ts';

/** More are nobody's: browsers get a list of those that are there already. */
const MAX_PASSKEYS = 25;

/**
 * Takes the proof, and gives what a new passkey needs: the handle of the person, which is made at the first time, and
 * the credential ids that exist, both in base64. Undefined when the proof does not hold.
 */
export async function beginRegistration(
  db: Db,
  proof: FreshProof,
  newHandle: Uint8Array,
  caller: Caller,
  now: Date,
): Promise<{ userHandle: string; credentialIds: string[]; mails: string[] } | undefined> {
  const { parts, mails } = proverParts(proof, {}, caller, now);
  const begun = statement({
    parts: {
      ...parts,
      handled: sql`
        UPDATE users SET passkey_handle = COALESCE(users.passkey_handle, ${bytes(newHandle)}) FROM prover
        WHERE users.id = prover.id RETURNING users.id, users.passkey_handle`,
    },
    select: sql`
      SELECT encode(passkey_handle, 'base64') AS "userHandle", ARRAY(SELECT encode(credential_id, 'base64')
        FROM passkeys WHERE user_id = handled.id ORDER BY id) AS "credentialIds" FROM handled`,
    row: { userHandle: column.text, credentialIds: column.text.array() },
  });
  const [row] = await run(db, begun, { caller, locks: locksOf(proof) });
  return row && { ...row, mails };
}

/** What the ticket of a registration says, and what the authenticator made. `id` is also that of the ticket. */
export type Registration = Bearer & {
  id: string;
  passwordChangedAt: Date;
  mfaEpoch: number;
  rpId: string;
  credentialId: Uint8Array;
  publicKey: Uint8Array;
  counter: number;
  transports: readonly string[];
  aaguid: string;
  isBackupEligible: boolean;
  isBackedUp: boolean;
  name: string;
};

/**
 * Adds a passkey. `gone`: the session has ended. `void`: the ticket was used, password or factors have changed since,
 * there are too many, or the passkey is registered already, whoever has it.
 */
export async function addPasskey(
  db: Db,
  made: Registration,
  caller: Caller,
  now: Date,
): Promise<{ mailId: string } | 'gone' | 'void'> {
  const [mailId, eventId] = [uuidv7(), uuidv7()];
  const { userId, sessionId } = made;
  const added = statement({
    parts: {
      bearer: sql`SELECT WHERE ${isLiveSession(made, now)}`,
      person: sql`
        SELECT id, email FROM users, bearer WHERE ${isUnchanged(made)}
          AND NOT EXISTS (SELECT FROM passkeys WHERE id = ${made.id}::uuid)
          AND (SELECT count(*) FROM passkeys WHERE user_id = ${userId}::uuid) < ${MAX_PASSKEYS}`,
      added: sql`
        INSERT INTO passkeys (id, user_id, rp_id, credential_id, public_key, counter, transports, aaguid,
          backup_eligible, backed_up, name, created_at)
        SELECT ${made.id}::uuid, id, ${made.rpId}, ${bytes(made.credentialId)}, ${bytes(made.publicKey)},
          ${made.counter}::bigint, ${sql.param([...made.transports])}::text[], ${made.aaguid}::uuid,
          ${made.isBackupEligible}::boolean, ${made.isBackedUp}::boolean, ${made.name}::text, ${instant(now)}
        FROM person
        ON CONFLICT (credential_id) DO NOTHING RETURNING user_id`,
      adding: event(
        {
          id: eventId,
          kind: 'passkey.added',
          caller,
          at: now,
          userId: sql`user_id`,
          sessionId: sql`${sessionId}`,
        },
        sql`FROM added`,
      ),
      mail: insertMail(
        {
          id: mailId,
          kind: 'passkey_added',
          userId: sql`person.id`,
          recipient: sql`email`,
          eventId,
          at: now,
        },
        sql`FROM person JOIN added ON added.user_id = person.id`,
      ),
    },
    select: sql`SELECT EXISTS (SELECT FROM added) AS "isAdded" FROM bearer`,
    row: { isAdded: column.boolean },
  });
  const [row] = await run(db, added, { caller, locks: [lockPerson(userId)] });
  if (row === undefined) return 'gone';
  return row.isAdded ? { mailId } : 'void';
}

/** `gone`: the session of the bearer has ended. `unknown`: there is none, or it belongs to somebody else. */
export async function renamePasskey(
  db: Db,
  bearer: Bearer,
  { id, name }: { id: string; name: string },
  caller: Caller,
  now: Date,
): Promise<'renamed' | 'unknown' | 'gone'> {
  const renamed = statement({
    parts: {
      bearer: sql`SELECT WHERE ${isLiveSession(bearer, now)}`,
      renamed: sql`
        UPDATE passkeys k SET name = ${name}::text FROM bearer
        WHERE k.id = ${id}::uuid AND k.user_id = ${bearer.userId}::uuid RETURNING k.user_id`,
      renaming: event(
        {
          kind: 'passkey.renamed',
          caller,
          at: now,
          userId: sql`user_id`,
          sessionId: sql`${bearer.sessionId}`,
        },
        sql`FROM renamed`,
      ),
    },
    select: sql`SELECT EXISTS (SELECT FROM renamed) AS "isRenamed" FROM bearer`,
    row: { isRenamed: column.boolean },
  });
  const [row] = await run(db, renamed, { caller });
  if (row === undefined) return 'gone';
  return row.isRenamed ? 'renamed' : 'unknown';
}

/**
 * Removes a passkey, and what stands in for it when it was the last factor: that one is owed, and the recovery codes.
 * All other sessions end. Undefined when the proof does not hold; `isRemoved` is false when there is no such passkey.
 */
export async function removePasskey(
  db: Db,
  proof: FreshProof,
  id: string,
  caller: Caller,
  now: Date,
): Promise<{ isRemoved: boolean; mails: string[] } | undefined> {
  const [mailId, eventId] = [uuidv7(), uuidv7()];
  const { userId, sessionId } = proof;
  const hasOther = sql`EXISTS (SELECT FROM passkeys k WHERE k.user_id = ${userId}::uuid AND k.id <> ${id}::uuid)`;
  const hasFactor = sql`(EXISTS (SELECT FROM totp_factors WHERE user_id = ${userId}::uuid) OR ${hasOther})`;
  const { parts, mails } = proverParts(proof, { recovery: hasFactor }, caller, now);
  const about = { caller, at: now, userId: sql`id`, sessionId: sql`${sessionId}` };
  const removal = statement({
    parts: {
      ...parts,
      removed: sql`
        DELETE FROM passkeys k USING prover WHERE k.id = ${id}::uuid AND k.user_id = prover.id RETURNING k.user_id`,
      person: sql`
        UPDATE users SET mfa_epoch = mfa_epoch + 1, mfa_required = mfa_required AND ${hasOther}
        FROM removed WHERE users.id = removed.user_id RETURNING users.id, users.email`,
      codes: sql`DELETE FROM recovery_codes f USING person WHERE f.user_id = person.id AND NOT ${hasFactor}`,
      ended: endOthers(sessionId, sql`removed`, now),
      removing: event({ id: eventId, kind: 'passkey.removed', ...about }, sql`FROM person`),
      mail: insertMail(
        { id: mailId, kind: 'passkey_removed', userId: sql`id`, recipient: sql`email`, eventId, at: now },
        sql`FROM person`,
      ),
    },
    select: sql`SELECT EXISTS (SELECT FROM removed) AS "isRemoved" FROM prover`,
    row: { isRemoved: column.boolean },
  });
  const [row] = await run(db, removal, { caller, locks: locksOf(proof) });
  return row && { ...row, mails: [...mails, mailId] };
}
