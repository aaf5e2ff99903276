/**
 * What happens to one address happens in turn, and so does what happens to all addresses `name+tag@` of one mailbox,
 * which share a lane of mail. The lock is the first statement of a batch: the second then reads a snapshot taken after
 * everyone before it has committed, so "no account has this address yet" stays true until its own commit, and deleting
 * each other's rows cannot deadlock.
 */
import { type SQL, sql } from 'drizzle-orm';

const lock = (email: SQL): SQL =>
  sql`pg_advisory_xact_lock(hashtextextended(regexp_replace(${email}, '\\+.*@', '@'), 0))`;

export const lockAddress = (email: string): SQL => sql`SELECT ${lock(sql`${email}::text`)}`;

/** Locks the address that a sign-up is for; no lock when there is no such sign-up. */
export const lockAddressOf = (signupId: string): SQL =>
  sql`SELECT ${lock(sql`email`)} FROM users WHERE id = ${signupId}::uuid`;

/** Locks the address that a person's change of address waits for; no lock when none waits. */
export const lockAddressOfChange = (userId: string): SQL => sql`
  SELECT ${lock(sql`email`)} FROM verification_tokens
  WHERE user_id = ${userId}::uuid AND purpose = 'change_email'`;

/** Locks the address that an undo restores; no lock when nothing can be undone. */
export const lockAddressOfUndo = (undoId: string): SQL =>
  sql`SELECT ${lock(sql`email`)} FROM email_change_undos WHERE id = ${undoId}::uuid`;
