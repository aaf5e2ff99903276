/** What a login by password hands to the statement that opens its session (sessions.ts). */
import { sql } from 'drizzle-orm';
import { clearTry } from './attempt-results.ts';
import { instant } from './db.ts';
import type { CountedTry } from './logins.ts';
import type { Proof } from './sessions.ts';

export type ProvenPassword = {
  userId: string;
  /** The address that was tried. If it is no longer the person's, whoever knew the old one is not let in. */
  email: string;
  /** The version of the password that was checked. */
  passwordChangedAt: Date;
  /** The same password under today's parameters, when the stored record is older. */
  rehashed: string | null;
  tried: CountedTry;
};

/** Judged once more, for address and password may have changed since the hash: then the try is no success. */
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
