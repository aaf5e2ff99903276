/**
 * What happens to one person happens in turn. The lock is the first statement of a batch, so the second reads a
 * snapshot in which every session, token and mail that others were writing is visible or will never be.
 *
 * Locks are taken in one order everywhere, so that none can wait in a circle: address, person, then what the
 * person owns. NO KEY UPDATE lets those go on that only refer to the person, such as events.
 */
import { type SQL, sql } from 'drizzle-orm';

export const lockPerson = (userId: string): SQL =>
  sql`SELECT FROM users WHERE id = ${userId}::uuid FOR NO KEY UPDATE`;

/** Locks the person and whoever has the session; two by their ids, so that none waits for the other in a circle. */
export const lockPersonAndOwnerOf = (userId: string, sessionId: string): SQL => sql`
  SELECT FROM users WHERE id = ${userId}::uuid
    OR id = (SELECT user_id FROM user_sessions WHERE user_sessions.id = ${sessionId}::uuid)
  ORDER BY id FOR NO KEY UPDATE`;

/** Locks one session of a person, to follow the person's lock: others end and refresh it without that. */
export const lockSession = (sessionId: string): SQL =>
  sql`SELECT FROM user_sessions WHERE id = ${sessionId}::uuid FOR UPDATE`;

/** Locks all that a person owns and others write without the person's lock; to follow it, before a deletion. */
export const lockOwnedBy = (userId: string): SQL => sql`
  WITH sessions AS (SELECT FROM user_sessions WHERE user_id = ${userId}::uuid FOR UPDATE),
    codes AS (SELECT FROM verification_tokens WHERE user_id = ${userId}::uuid FOR UPDATE),
    links AS (SELECT FROM password_reset_tokens WHERE user_id = ${userId}::uuid FOR UPDATE)
  SELECT (SELECT count(*) FROM sessions), (SELECT count(*) FROM codes), (SELECT count(*) FROM links)`;

/** Locks the person a reset link was mailed to; no lock when the link is no longer good. */
export const lockPersonOfReset = (tokenId: string): SQL => sql`
  SELECT FROM users u JOIN password_reset_tokens t ON t.user_id = u.id
  WHERE t.id = ${tokenId}::uuid FOR NO KEY UPDATE OF u`;
