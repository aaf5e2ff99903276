/**
 * Requests about one address run one after the other. So do requests about all addresses `name+tag@` of one mailbox,
 * since they share a mail lane (mail-lanes.ts).
 *
 * The lock is the first statement of a batch. The second statement then reads a snapshot that is taken after all
 * earlier requests have committed. So "no account has this address yet" stays true until its own commit, and two
 * requests that delete each other's rows cannot deadlock.
 */
import { type SQL, sql } from 'drizzle-orm';

const lock = (email: SQL): SQL =>
  sql`pg_advisory_xact_lock(hashtextextended(regexp_replace(${email}, '\\+.*@', '@'), 0))`;

export const lockAddress = (email: string): SQL => sql`SELECT ${lock(sql`${email}::text`)}`;

/** Locks the address of a sign-up. Takes no lock when there is no such sign-up. */
export const lockAddressOf = (signupId: string): SQL =>
  sql`SELECT ${lock(sql`email`)} FROM users WHERE id = ${signupId}::uuid`;

/** Locks the address that a person wants to change to. Takes no lock when no change waits. */
export const lockAddressOfChange = (userId: string): SQL => sql`
  SELECT ${lock(sql`email`)} FROM verification_tokens
  WHERE user_id = ${userId}::uuid AND purpose = 'change_email'`;

/** Locks the address that an undo of a change restores. Takes no lock when there is no such undo. */
export const lockAddressOfUndo = (linkId: string): SQL =>
  sql`SELECT ${lock(sql`email`)} FROM email_change_undos WHERE id = ${linkId}::uuid`;

/** Locks many addresses, in the order of their keys, so that two statements that do so cannot deadlock. */
export const lockAddresses = (emails: readonly string[]): SQL => sql`
  SELECT count(pg_advisory_xact_lock(key)) FROM (
    SELECT DISTINCT hashtextextended(regexp_replace(email, '\\+.*@', '@'), 0) AS key
    FROM jsonb_array_elements_text(${JSON.stringify(emails)}::jsonb) AS email ORDER BY key) keys`;
