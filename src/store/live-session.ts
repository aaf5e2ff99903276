/** The conditions for a live session. Every statement that acts for a session uses them. */
import { type SQL, sql } from 'drizzle-orm';
import type { Bearer } from '../caller.ts';
import { instant } from './db.ts';

/** A condition: the row of `user_sessions` named `alias` is live. */
export const isLive = (alias: string, now: Date): SQL => {
  const s = sql.raw(alias);
  return sql`${s}.revoked_at IS NULL AND ${s}.expires_at > ${instant(now)} AND ${s}.idle_expires_at > ${instant(now)}`;
};

/**
 * A condition: the session of the bearer is live, and its person is not disabled. It belongs in the WHERE of every
 * statement that acts for a bearer.
 */
export const isLiveSession = (bearer: Bearer, now: Date): SQL => sql`
  EXISTS (SELECT FROM users person WHERE person.id = ${bearer.userId}::uuid AND person.disabled_at IS NULL
    AND person.id = (SELECT s.user_id FROM user_sessions s
      WHERE s.id = ${bearer.sessionId}::uuid AND ${isLive('s', now)}))`;
