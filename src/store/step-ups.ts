/** A fresh proof that is turned into a ticket for one act. */
import { sql } from 'drizzle-orm';
import type { Caller } from '../caller.ts';
import type { Db } from './db.ts';
import { event } from './events.ts';
import { type FreshProof, locksOf, proverParts } from './fresh-proof.ts';
import { column, run, statement } from './statement.ts';

/**
 * Uses the proof up and records it. Undefined when the proof does not hold, or when there is an event of this id: the
 * same answer of a passkey came before. Gives the mails that are owed.
 */
export async function recordStepUp(
  db: Db,
  proof: FreshProof,
  eventId: string,
  caller: Caller,
  now: Date,
): Promise<{ mails: string[] } | undefined> {
  const isFirst = sql`NOT EXISTS (SELECT FROM security_events WHERE id = ${eventId}::uuid)`;
  const { parts, mails } = proverParts(proof, {}, caller, now, isFirst);
  const about = { caller, at: now, userId: sql`id`, sessionId: sql`${proof.sessionId}` };
  const recorded = statement({
    parts: { ...parts, proven: event({ id: eventId, kind: 'stepup.proven', ...about }, sql`FROM prover`) },
    select: sql`SELECT id FROM prover`,
    row: { id: column.uuid },
  });
  const rows = await run(db, recorded, { caller, locks: locksOf(proof) });
  return rows.length === 1 ? { mails } : undefined;
}
