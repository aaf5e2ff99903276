/** A person's own sessions: listed and ended by the bearer of one of them, in the statement that joins it. */
import { sql } from 'drizzle-orm';
import { type Db, instant } from './db.ts';
import { type Caller, insertEvent } from './events.ts';
import { lockPerson } from './person-lock.ts';
import { type Bearer, isLive, isLiveSession } from './users.ts';

export type OwnSession = {
  id: string;
  client: string | null;
  userAgent: string | null;
  place: string | null;
  createdAt: Date;
  lastUsedAt: Date;
};

type SessionRow = {
  id: string;
  client: string | null;
  user_agent: string | null;
  place: string | null;
  created_at: string;
  last_used_at: string;
};

/** The live sessions, last used first. Empty when the bearer's own has ended: it would be among them. */
export async function listSessions(db: Db, bearer: Bearer, now: Date): Promise<OwnSession[]> {
  const { rows } = await db.execute<SessionRow>(sql`
    SELECT o.id, o.client, o.user_agent, o.place, o.created_at::text, o.last_used_at::text
    FROM user_sessions o
    WHERE o.user_id = ${bearer.userId}::uuid AND ${isLive('o', now)} AND ${isLiveSession(bearer, now)}
    ORDER BY o.last_used_at DESC, o.id DESC`);
  return rows.map((row) => ({
    id: row.id,
    client: row.client,
    userAgent: row.user_agent,
    place: row.place,
    createdAt: new Date(row.created_at),
    lastUsedAt: new Date(row.last_used_at),
  }));
}

/** `gone` is the bearer's own session having ended; `unknown` covers a stranger's session and none at all. */
export type Revocation = 'revoked' | 'unknown' | 'gone';

/** Ends one session of the bearer's person, which may be the bearer's own. */
export async function revokeSession(
  db: Db,
  bearer: Bearer,
  sessionId: string,
  caller: Caller,
  now: Date,
): Promise<Revocation> {
  const { rows } = await db.execute<{ live: boolean; revoked: boolean }>(sql`
    WITH bearer AS (SELECT WHERE ${isLiveSession(bearer, now)}), ended AS (
      UPDATE user_sessions o SET revoked_at = ${instant(now)}, revoked_reason = 'revoked' FROM bearer
      WHERE o.id = ${sessionId}::uuid AND o.user_id = ${bearer.userId}::uuid AND ${isLive('o', now)}
      RETURNING o.id, o.user_id
    ), event AS (
      ${insertEvent(
        { kind: 'session.revoked', caller, at: now, userId: sql`user_id`, sessionId: sql`id` },
        sql`FROM ended`,
      )}
    )
    SELECT EXISTS (SELECT FROM bearer) AS live, EXISTS (SELECT FROM ended) AS revoked`);
  const [row] = rows;
  if (!row?.live) return 'gone';
  return row.revoked ? 'revoked' : 'unknown';
}

/** Ends every session of the person but the bearer's; how many, or undefined when the bearer's own has ended. */
export async function revokeOtherSessions(
  db: Db,
  bearer: Bearer,
  caller: Caller,
  now: Date,
): Promise<number | undefined> {
  const statement = sql`
    WITH bearer AS (SELECT WHERE ${isLiveSession(bearer, now)}), ended AS (
      UPDATE user_sessions o SET revoked_at = ${instant(now)}, revoked_reason = 'revoked' FROM bearer
      WHERE o.user_id = ${bearer.userId}::uuid AND o.id <> ${bearer.sessionId}::uuid AND ${isLive('o', now)}
      RETURNING o.id
    ), event AS (
      ${insertEvent(
        {
          kind: 'logout.others',
          caller,
          at: now,
          userId: sql`${bearer.userId}`,
          sessionId: sql`${bearer.sessionId}`,
        },
        sql`FROM bearer`,
      )}
    )
    SELECT EXISTS (SELECT FROM bearer) AS live, (SELECT count(*)::int FROM ended) AS count`;
  const [, { rows }] = await db.batch([
    db.execute(lockPerson(bearer.userId)),
    db.execute<{ live: boolean; count: number }>(statement),
  ]);
  const [row] = rows;
  return row?.live ? row.count : undefined;
}
