/** The proof of a login, and what becomes of it when a second factor is still owed. Sessions open in sessions.ts. */
import { type SQL, sql } from 'drizzle-orm';
import type { Db } from './db.ts';
import { column, type Parts, run, statement } from './statement.ts';

/**
 * How a person proved their identity, as parts of a statement. `proven` has the id and address of the person, or no row
 * when the proof does not hold. The other parts may refer to `judged`, which is the same, as long as the second factors
 * are those that were asked about.
 */
export type Proof = {
  proven: SQL;
  /** What happens when the session opens, such as clearing a counter. */
  opening: Parts;
  /** What happens instead, when a second factor is owed. */
  withheld: Parts;
  /** The ids of mails that `opening` may cause. */
  mails?: readonly string[];
};

/** Whatever the proof was: nobody who is disabled gets further. */
export const judgedBy = ({ proven }: Proof, mfaEpoch: number): Parts => ({
  proven,
  judged: sql`
    SELECT proven.id, proven.email FROM proven JOIN users ON users.id = proven.id
    WHERE users.mfa_epoch = ${mfaEpoch}::int AND users.disabled_at IS NULL`,
});

/**
 * Instead of `openSession`, when a second factor is owed: one trip as well. False if the proof does not hold. No event:
 * a login is recorded when it succeeds or fails.
 */
export async function withholdSession(db: Db, proof: Proof, mfaEpoch: number): Promise<boolean> {
  const withheld = statement({
    parts: { ...judgedBy(proof, mfaEpoch), ...proof.withheld },
    select: sql`SELECT id FROM judged`,
    row: { id: column.uuid },
  });
  return (await run(db, withheld)).length === 1;
}
