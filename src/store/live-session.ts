/** What makes a session live, for every statement that reads or acts for one. */
import { type SQL, sql } from 'drizzle-orm';
import type { Bearer } from '../caller.ts';
import { instant } from './db.ts';

/** True of the row of `user_sessions` that goes by `alias`. */
export const isLive = (alias: string, now: Date): SQL => {
  const s = sql.raw(alias);
  return sql`${s}.revoked_at IS NULL AND ${s}.expires_at > ${instant(now)} AND ${s}.idle_expires_at > ${instant(now)}`;
};

/**
 * True while the session is live and its person is not disabled; to stand in the WHERE of every statement that acts for
 * a bearer. The session is asked for by its id alone: any number of ended sessions of the person costs it nothing.
 */
export const isLiveSession = (bearer: Bearer, now: Date): SQL => sql`
  EXISTS (SELECT FROM users person WHERE person.id = ${bearer.userId}::uuid AND person.disabled_at IS NULL
    AND person.id = (SELECT s.user_id FROM user_sessions s
      WHERE s.id = ${bearer.sessionId}::uuid AND ${isLive('s', now)}))`;
