/** The proof of a login by password, for the statement that opens the session (sessions.ts). */
import { sql } from 'drizzle-orm';
import { clearTry, uncountTry } from './attempt-results.ts';
import { instant } from './db.ts';
import type { CountedTry } from './logins.ts';
import type { Proof } from './proof.ts';

export type ProvenPassword = {
  userId: string;
  /** The address that was tried. When the person has another one by now, the login fails. */
  email: string;
  /** The version of the password that was checked. */
  passwordChangedAt: Date;
  /** A new record for the same password, when the stored one has an old cost or pepper. */
  rehashed: string | null;
  tried: CountedTry;
};

/**
 * Address and password are checked once more, since they may have changed while the password was hashed. If they have,
 * the login fails and the try stays counted. When a second factor is owed, the try is taken back: the password was right,
 * and nothing has succeeded yet.
 */
export const passwordProof = (
  { userId, email, passwordChangedAt, rehashed, tried }: ProvenPassword,
  now: Date,
): Proof => {
  const rehash = sql`
    UPDATE users SET password_hash = ${rehashed}::text
    FROM judged WHERE users.id = judged.id AND ${rehashed}::text IS NOT NULL`;
  const { counters, isKnownDevice } = tried;
  return {
    proven: sql`
    SELECT id, email FROM users
    WHERE id = ${userId}::uuid AND email = ${email} AND password_changed_at = ${instant(passwordChangedAt)}
      AND email_verified_at IS NOT NULL AND disabled_at IS NULL`,
    opening: {
      rehashed: rehash,
      cleared: sql`${clearTry(counters, isKnownDevice, now)} AND EXISTS (SELECT FROM judged)`,
    },
    withheld: {
      rehashed: rehash,
      uncounted: sql`${uncountTry(counters, isKnownDevice)} AND EXISTS (SELECT FROM judged)`,
    },
  };
};
