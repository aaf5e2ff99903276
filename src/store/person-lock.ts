/**
 * Requests about one person run one after the other. The lock is the first statement of a batch, so the second reads a
 * snapshot in which everything that others were writing for this person is either visible or will never be.
 *
 * All statements take locks in one order, so that they cannot deadlock: the address, the person, then what the person
 * owns. `NO KEY UPDATE` does not block rows that only refer to the person, such as events.
 */
import { type SQL, sql } from 'drizzle-orm';

export const lockPerson = (userId: string): SQL =>
  sql`SELECT FROM users WHERE id = ${userId}::uuid FOR NO KEY UPDATE`;

/**
 * Locks the person and the owner of the session. Two people are locked in the order of their ids, which prevents
 * deadlocks.
 */
export const lockPersonAndOwnerOf = (userId: string, sessionId: string): SQL => sql`
  SELECT FROM users WHERE id = ${userId}::uuid
    OR id = (SELECT user_id FROM user_sessions WHERE user_sessions.id = ${sessionId}::uuid)
  ORDER BY id FOR NO KEY UPDATE`;

/** Locks one session, after the lock of its person: logout and refresh do not take that one. */
export const lockSession = (sessionId: string): SQL =>
  sql`SELECT FROM user_sessions WHERE id = ${sessionId}::uuid FOR UPDATE`;

/**
 * Locks everything that a person owns and that others write without the lock of the person. It follows that lock,
 * before a deletion.
 */
export const lockOwnedBy = (userId: string): SQL => sql`
  WITH sessions AS (SELECT FROM user_sessions WHERE user_id = ${userId}::uuid FOR UPDATE),
    codes AS (SELECT FROM verification_tokens WHERE user_id = ${userId}::uuid FOR UPDATE),
    links AS (SELECT FROM password_reset_tokens WHERE user_id = ${userId}::uuid FOR UPDATE)
  SELECT (SELECT count(*) FROM sessions), (SELECT count(*) FROM codes), (SELECT count(*) FROM links)`;

/** Locks the person to whom a reset link was mailed. Takes no lock when the link no longer works. */
export const lockPersonOfReset = (tokenId: string): SQL => sql`
  SELECT FROM users u JOIN password_reset_tokens t ON t.user_id = u.id
  WHERE t.id = ${tokenId}::uuid FOR NO KEY UPDATE OF u`;
