/**
 * Deletes an account. This is immediate and final, with one exception. If the address was changed a short time ago, a
 * thief may be deleting a stolen account. It is then closed at once, and erased when the old mailbox can no longer
 * undo the change.
 */
import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Caller } from '../caller.ts';
import { clearCountersOf } from './attempt-results.ts';
import { type Db, instant } from './db.ts';
import { event } from './events.ts';
import { type FreshProof, locksOf, proverParts } from './fresh-proof.ts';
import { insertMail } from './outbox.ts';
import { lockOwnedBy } from './person-lock.ts';
import { column, run, statement } from './statement.ts';

/** The ids of the two mails: to the address of the person, and to the old address that can undo the change. */
export type DeletionMails = { toOwn: string; toOld: string };

/**
 * Deletes or closes the account, and gives the time when it is erased, and mails that the proof causes. Undefined when
 * the proof no longer holds. The login counters of `counterOwners` are deleted at once. Security events stay, but no
 * longer say whose they were (trigger `forget_person`). Mails that are owed are still sent.
 */
export async function deleteAccount(
  db: Db,
  proof: FreshProof,
  counterOwners: readonly Uint8Array[],
  mails: DeletionMails,
  caller: Caller,
  now: Date,
): Promise<{ erasedAt: Date; mails: string[] } | undefined> {
  const nobody = { ...caller, client: null, userAgent: null, place: null };
  const { parts, mails: told } = proverParts(withoutRest(proof), keptWhileClosed(now), caller, now);
  const deletion = statement({
    parts: {
      ...parts,
      undo: sql`
        SELECT max(expires_at) AS ends_at, (array_agg(d.email ORDER BY d.created_at))[1] AS email
        FROM email_change_undos d JOIN prover ON d.user_id = prover.id WHERE d.expires_at > ${instant(now)}`,
      deleted: sql`
        DELETE FROM users USING prover, undo WHERE users.id = prover.id AND undo.ends_at IS NULL
        RETURNING users.id, users.email`,
      ...closeAccount(now),
      counters: sql`${clearCountersOf(counterOwners)} AND EXISTS (SELECT FROM prover)`,
      deletion: event({ kind: 'account.deleted', caller: nobody, at: now }, sql`FROM deleted`),
      ...tellOfClosing(mails, proof, caller, now),
      farewell: insertMail(
        { id: mails.toOwn, kind: 'account_deleted', userId: sql`NULL::uuid`, recipient: sql`email`, at: now },
        sql`FROM deleted`,
      ),
    },
    select: sql`SELECT COALESCE(undo.ends_at, ${instant(now)}) AS "erasedAt" FROM prover, undo`,
    row: { erasedAt: column.instant },
  });
  const locks = [...locksOf(proof), lockOwnedBy(proof.userId)];
  const [answer] = await run(db, deletion, { caller, locks });
  return answer && { ...answer, mails: told };
}

/** All counters of the person are deleted, and all sessions end: the try and the ticket need nothing of their own. */
const withoutRest = (proof: FreshProof): FreshProof => ({
  ...proof,
  counters: [],
  spend: proof.spend?.method === 'ticket' ? undefined : proof.spend,
});

/** An undo opens a closed account again: what was proven with is used up by then. Of a deleted one nothing is left to mark. */
function keptWhileClosed(now: Date) {
  const isClosed = sql`EXISTS (
    SELECT FROM email_change_undos d JOIN prover ON d.user_id = prover.id WHERE d.expires_at > ${instant(now)})`;
  return { totp: isClosed, recovery: isClosed, passkey: isClosed };
}

/** Closes the account until it is erased: nobody can log in, and no mailed code or link works any more. */
const closeAccount = (now: Date) => ({
  closed: sql`
    UPDATE users SET disabled_at = ${instant(now)}, deletion_due_at = undo.ends_at FROM prover, undo
    WHERE users.id = prover.id AND undo.ends_at IS NOT NULL
    RETURNING users.id, users.email, undo.email AS old_email`,
  ended: sql`
    UPDATE user_sessions SET revoked_at = ${instant(now)}, revoked_reason = 'account_disabled' FROM closed
    WHERE user_id = closed.id AND revoked_at IS NULL`,
  links: sql`DELETE FROM password_reset_tokens USING closed WHERE user_id = closed.id`,
  waiting: sql`DELETE FROM verification_tokens USING closed WHERE user_id = closed.id`,
});

function tellOfClosing(mails: DeletionMails, { sessionId }: FreshProof, caller: Caller, now: Date) {
  const eventId = uuidv7();
  const mail = { kind: 'account_deletion_requested' as const, userId: sql`id`, eventId, at: now };
  const request = { id: eventId, kind: 'account.deletion_requested' as const, caller, at: now };
  return {
    request: event({ ...request, userId: sql`id`, sessionId: sql`${sessionId}` }, sql`FROM closed`),
    to_own: insertMail({ ...mail, id: mails.toOwn, recipient: sql`email` }, sql`FROM closed`),
    to_old: insertMail({ ...mail, id: mails.toOld, recipient: sql`old_email` }, sql`FROM closed`),
  };
}

/** How many rows one sweep erases. The next sweep continues, so each statement stays short. */
const SWEEP_ROWS = 100;

/** Erases the closed accounts that are due, and gives their number. The schedule of the jobs Worker runs it. */
export async function eraseClosedAccounts(db: Db, now: Date): Promise<number> {
  const erase = statement({
    parts: {
      due: sql`
        SELECT id FROM users WHERE deletion_due_at <= ${instant(now)}
        ORDER BY deletion_due_at LIMIT ${SWEEP_ROWS} FOR UPDATE SKIP LOCKED`,
      erased: sql`DELETE FROM users USING due WHERE users.id = due.id RETURNING users.id`,
      deletions: event({ id: sql`gen_random_uuid()`, kind: 'account.deleted', at: now }, sql`FROM erased`),
    },
    select: sql`SELECT count(*) AS count FROM erased`,
    row: { count: column.integer },
  });
  const [answer] = await run(db, erase);
  return answer?.count ?? 0;
}
