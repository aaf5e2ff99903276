/**
 * A fresh proof of somebody who is logged in, for changes of the second factors: the password, or a code where a second
 * factor is owed. The act depends on it in one statement, behind the lock of the person. So nothing has changed since
 * the proof was judged, and what it used up is used up once.
 */
import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Caller } from '../caller.ts';
import { type Confirmation, clearConfirmation, isConfirmed } from './confirmation.ts';
import type { Db } from './db.ts';
import { event } from './events.ts';
import { isUnspent, type Spend, spendFactor, tellOfRecovery } from './factor-proof.ts';
import { lockPerson } from './person-lock.ts';
import { column, type Parts, run, statement } from './statement.ts';

export type FreshProof = Confirmation & {
  /** What it uses up; undefined for a password. */
  spend: Spend | undefined;
};

/** The lock that comes before every act. */
export const locksOf = ({ userId }: FreshProof): SQL[] => [lockPerson(userId)];

/**
 * Parts of an act. `prover` has `id` and `email` of the person, or no row when the proof does not hold. `keeps` says
 * which rows the act leaves in place, by default all: what was used up must be marked there, but a statement cannot
 * change a row twice. It is a condition that may refer to `prover`. `on` is one more condition on the person.
 */
export function proverParts(
  proof: FreshProof,
  keeps: Partial<Record<Spend['method'], SQL>>,
  caller: Caller,
  now: Date,
  on = sql`true`,
): { parts: Parts; mails: string[] } {
  const { spend, counters, sessionId } = proof;
  const isProver = sql`${isConfirmed(proof, now)} AND users.mfa_epoch = ${proof.mfaEpoch}::int`;
  const prover = sql`
    SELECT id, email FROM users WHERE ${isProver} AND ${on}${spend ? sql` AND ${isUnspent(spend)}` : sql``}`;
  const cleared = counters.length > 0 && { cleared: clearConfirmation(proof, 'prover', now) };
  if (spend === undefined) return { parts: { prover, ...cleared }, mails: [] };
  if (spend.method === 'ticket')
    return { parts: { prover, spent: useTicket(spend.id, sessionId, caller, now) }, mails: [] };
  const isKept = sql`users.id = (SELECT id FROM prover) AND ${keeps[spend.method] ?? sql`true`}`;
  const spent = spendFactor(spend, isKept);
  if (spend.method !== 'recovery') return { parts: { prover, ...cleared, spent }, mails: [] };
  const mailId = uuidv7();
  const told = tellOfRecovery('spent', { eventId: uuidv7(), mailId, sessionId }, caller, now);
  return { parts: { prover, ...cleared, spent, ...told }, mails: [mailId] };
}

/** The event has the id of the ticket, and its primary key lets the ticket act once. */
const useTicket = (id: string, sessionId: string, caller: Caller, now: Date) =>
  event(
    { id, kind: 'stepup.used', caller, at: now, userId: sql`id`, sessionId: sql`${sessionId}` },
    sql`FROM prover`,
  );

/**
 * Takes the proof for an act that changes nothing yet. Gives the mails that it causes; undefined when it does not hold.
 */
export async function acceptProof(
  db: Db,
  proof: FreshProof,
  caller: Caller,
  now: Date,
): Promise<{ mails: string[] } | undefined> {
  const { parts, mails } = proverParts(proof, {}, caller, now);
  const accepted = statement({ parts, select: sql`SELECT id FROM prover`, row: { id: column.uuid } });
  const rows = await run(db, accepted, { caller, locks: locksOf(proof) });
  return rows.length === 1 ? { mails } : undefined;
}
