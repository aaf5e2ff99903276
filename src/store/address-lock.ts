/**
 * All sign-ups of one address are written in turn. The lock is the first statement of a batch: the second then
 * reads a snapshot taken after everyone before it has committed, so "no account has this address yet" stays true
 * until its own commit, and deleting each other's rows cannot deadlock.
 */
import { type SQL, sql } from 'drizzle-orm';

export const lockAddress = (email: string): SQL =>
  sql`SELECT pg_advisory_xact_lock(hashtextextended(${email}, 0))`;

/** Locks the address that a sign-up is for; no lock when there is no such sign-up. */
export const lockAddressOf = (signupId: string): SQL =>
  sql`SELECT pg_advisory_xact_lock(hashtextextended(email, 0)) FROM users WHERE id = ${signupId}::uuid`;

/** Locks the address that a person's change of address waits for; no lock when none waits. */
export const lockAddressOfChange = (userId: string): SQL => sql`
  SELECT pg_advisory_xact_lock(hashtextextended(email, 0)) FROM verification_tokens
  WHERE user_id = ${userId}::uuid AND purpose = 'change_email'`;
