/** The sessions of one person: listed, and ended, by the bearer of one of them. */
import { sql } from 'drizzle-orm';
import type { z } from 'zod';
import type { Bearer, Caller } from '../caller.ts';
import { type Db, instant } from './db.ts';
import { event } from './events.ts';
import { lastUse } from './last-use.ts';
import { isLive, isLiveSession } from './live-session.ts';
import { lockPerson } from './person-lock.ts';
import { column, run, statement } from './statement.ts';

const ownSession = {
  id: column.uuid,
  client: column.text.nullable(),
  userAgent: column.text.nullable(),
  place: column.text.nullable(),
  createdAt: column.instant,
  /** In steps of five minutes (last-use.ts). */
  lastUsedAt: column.instant,
};

export type OwnSession = z.output<z.ZodObject<typeof ownSession>>;

/**
 * The live sessions, last used first. Empty when the session of the bearer has ended, since it would be one of them.
 */
export function listSessions(db: Db, bearer: Bearer, now: Date): Promise<OwnSession[]> {
  const select = sql`
    SELECT o.id, o.client, o.user_agent AS "userAgent", o.place, o.created_at AS "createdAt",
      ${lastUse('o', now)} AS "lastUsedAt"
    FROM user_sessions o
    WHERE o.user_id = ${bearer.userId}::uuid AND ${isLive('o', now)} AND ${isLiveSession(bearer, now)}
    ORDER BY "lastUsedAt" DESC, o.id DESC`;
  return run(db, statement({ select, row: ownSession }));
}

/** `gone`: the session of the bearer has ended. `unknown`: the session does not exist or belongs to somebody else. */
export type Revocation = 'revoked' | 'unknown' | 'gone';

/** Ends one session of the person, which may be that of the bearer. */
export async function revokeSession(
  db: Db,
  bearer: Bearer,
  sessionId: string,
  caller: Caller,
  now: Date,
): Promise<Revocation> {
  const revoked = statement({
    parts: {
      bearer: sql`SELECT WHERE ${isLiveSession(bearer, now)}`,
      ended: sql`
        UPDATE user_sessions o SET revoked_at = ${instant(now)}, revoked_reason = 'revoked' FROM bearer
        WHERE o.id = ${sessionId}::uuid AND o.user_id = ${bearer.userId}::uuid AND ${isLive('o', now)}
        RETURNING o.id, o.user_id`,
      ending: event(
        { kind: 'session.revoked', caller, at: now, userId: sql`user_id`, sessionId: sql`id` },
        sql`FROM ended`,
      ),
    },
    select: sql`SELECT EXISTS (SELECT FROM ended) AS "isRevoked" FROM bearer`,
    row: { isRevoked: column.boolean },
  });
  const [row] = await run(db, revoked, { caller });
  if (row === undefined) return 'gone';
  return row.isRevoked ? 'revoked' : 'unknown';
}

/**
 * Ends all sessions of the person except that of the bearer, and gives their number. Undefined when that of the bearer
 * has ended.
 */
export async function revokeOtherSessions(
  db: Db,
  bearer: Bearer,
  caller: Caller,
  now: Date,
): Promise<number | undefined> {
  const revoked = statement({
    parts: {
      bearer: sql`SELECT WHERE ${isLiveSession(bearer, now)}`,
      ended: sql`
        UPDATE user_sessions o SET revoked_at = ${instant(now)}, revoked_reason = 'revoked' FROM bearer
        WHERE o.user_id = ${bearer.userId}::uuid AND o.id <> ${bearer.sessionId}::uuid AND ${isLive('o', now)}
        RETURNING o.id`,
      ending: event(
        {
          kind: 'logout.others',
          caller,
          at: now,
          userId: sql`${bearer.userId}`,
          sessionId: sql`${bearer.sessionId}`,
        },
        sql`FROM bearer`,
      ),
    },
    select: sql`SELECT (SELECT count(*) FROM ended) AS count FROM bearer`,
    row: { count: column.integer },
  });
  const [row] = await run(db, revoked, { caller, locks: [lockPerson(bearer.userId)] });
  return row?.count;
}
