/** The proof of a login by password, for the statement that opens the session (sessions.ts). */
import { sql } from 'drizzle-orm';
import { clearTry } from './attempt-results.ts';
import { instant } from './db.ts';
import type { CountedTry } from './logins.ts';
import type { Proof } from './sessions.ts';

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
 * the login fails and the try stays counted.
 */
export const passwordProof = (
  { userId, email, passwordChangedAt, rehashed, tried }: ProvenPassword,
  now: Date,
): Proof => ({
  judged: sql`
    SELECT id, email FROM users
    WHERE id = ${userId}::uuid AND email = ${email} AND password_changed_at = ${instant(passwordChangedAt)}
      AND email_verified_at IS NOT NULL AND disabled_at IS NULL`,
  rehashed: sql`
    UPDATE users SET password_hash = ${rehashed}::text
    FROM judged WHERE users.id = judged.id AND ${rehashed}::text IS NOT NULL`,
  cleared: sql`${clearTry(tried.counters, tried.isKnownDevice, now)} AND EXISTS (SELECT FROM judged)`,
});
