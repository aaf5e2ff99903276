/** The recovery codes of a person: replaced as a whole. How one is used is in factor-proof.ts. */
import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Caller } from '../caller.ts';
import { type Db, instant } from './db.ts';
import { event } from './events.ts';
import { type FreshProof, locksOf, proverParts } from './fresh-proof.ts';
import { insertMail } from './outbox.ts';
import { column, run, statement } from './statement.ts';
import type { NewCodes } from './totp-factors.ts';

/** The part `codes`: a new set for the row of `owner`, which has `id`. The old one is void. */
export const newSet = ({ setId, keyId }: NewCodes, owner: SQL, now: Date): SQL => sql`
  INSERT INTO recovery_codes (user_id, set_id, key_id, created_at)
  SELECT id, ${setId}::uuid, ${keyId}, ${instant(now)} FROM ${owner}
  ON CONFLICT (user_id) DO UPDATE
    SET set_id = EXCLUDED.set_id, key_id = EXCLUDED.key_id, used = 0, created_at = EXCLUDED.created_at`;

/** Makes the codes of the old set void. Undefined when the proof does not hold. */
export async function replaceRecoveryCodes(
  db: Db,
  proof: FreshProof,
  codes: NewCodes,
  caller: Caller,
  now: Date,
): Promise<{ mails: string[] } | undefined> {
  const [mailId, eventId] = [uuidv7(), uuidv7()];
  const { parts, mails } = proverParts(proof, { totp: sql`true`, recovery: sql`false` }, caller, now);
  const replacement = statement({
    parts: {
      ...parts,
      codes: newSet(codes, sql`prover`, now),
      event: event(
        {
          id: eventId,
          kind: 'recovery.replaced',
          caller,
          at: now,
          userId: sql`id`,
          sessionId: sql`${proof.sessionId}`,
        },
        sql`FROM prover`,
      ),
      mail: insertMail(
        {
          id: mailId,
          kind: 'recovery_codes_replaced',
          userId: sql`id`,
          recipient: sql`email`,
          eventId,
          at: now,
        },
        sql`FROM prover`,
      ),
    },
    select: sql`SELECT id FROM prover`,
    row: { id: column.uuid },
  });
  const rows = await run(db, replacement, { caller, locks: locksOf(proof) });
  return rows.length === 1 ? { mails: [...mails, mailId] } : undefined;
}
