/** Sessions are opened for a password that is still current. How they go on and end is rotation.ts. */
import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { clearTry } from './attempts.ts';
import { bytes, type Db, instant } from './db.ts';
import { type Caller, insertEvent, note } from './events.ts';
import { insertMail } from './outbox.ts';
import { lockPerson } from './person-lock.ts';
import { type CountedTry, isLive } from './users.ts';

/** How the refresh token of a session travels, from its first day to its last. */
export type Transport = 'body' | 'cookie';

export type NewSession = {
  id: string;
  userId: string;
  /** Version of the password that was checked; if it changed meanwhile no session is opened. */
  passwordChangedAt: Date;
  secretHash: Uint8Array;
  idleExpiresAt: Date;
  expiresAt: Date;
  transport: Transport;
  /** Whether the device is new: a person who has logged in before is then told. */
  isNewDevice: boolean;
  /** The id of the notice, if one is owed. */
  noticeId: string;
  /** The same password under today's parameters, when the stored record is older. */
  rehashed: string | null;
};

/**
 * Opens a session, records the login and clears the counters of its try; undefined when the password changed since it
 * was read. Of more than `maxLive` sessions the oldest end: logins of one person come in turn, so that each counts
 * those before it.
 */
export async function openSession(
  db: Db,
  session: NewSession,
  { tried, maxLive }: { tried: CountedTry; maxLive: number },
  caller: Caller,
  now: Date,
): Promise<{ isNoticeOwed: boolean } | undefined> {
  const eventId = uuidv7();
  const statement = sql`
    WITH person AS (
      SELECT id FROM users
      WHERE id = ${session.userId}::uuid AND password_changed_at = ${instant(session.passwordChangedAt)}
        AND email_verified_at IS NOT NULL
    ), rehashed AS (
      UPDATE users SET password_hash = ${session.rehashed}::text
      FROM person WHERE users.id = person.id AND ${session.rehashed}::text IS NOT NULL
    ), session AS (
      ${insertSession(session, caller, now)}
      RETURNING id, user_id
    ), cleared AS (
      ${clearTry(tried.counters, tried.isKnownDevice, now)} AND EXISTS (SELECT FROM session)
    ), streak AS (
      ${failuresSinceSuccess(session.userId)}
    ), ${displaceOldest(maxLive, caller, now)}, event AS (
      ${insertEvent(
        {
          id: eventId,
          kind: 'login.success',
          caller,
          at: now,
          userId: sql`session.user_id`,
          sessionId: sql`session.id`,
          reason: sql`CASE WHEN ${isSuspicious} THEN 'after_' || failures || '_failures' END`,
        },
        sql`FROM session, streak`,
      )}
    ), notice AS (
      ${insertNotice(session, eventId, now)}
      RETURNING id
    )
    SELECT EXISTS (SELECT FROM notice) AS noticed, EXISTS (SELECT FROM displaced) AS displaced FROM session`;
  const [, { rows }] = await db.batch([
    db.execute(lockPerson(session.userId)),
    db.execute<{ noticed: boolean; displaced: boolean }>(statement),
  ]);
  const [row] = rows;
  if (row) note(caller, { event: 'login.success', userId: session.userId, sessionId: session.id });
  if (row?.displaced) note(caller, { event: 'session.displaced' });
  return row && { isNoticeOwed: row.noticed };
}

/**
 * Wrong passwords since the account was last opened or reset, by its history: the counters would count the tries that
 * are under way, too, and may all be right.
 */
const failuresSinceSuccess = (userId: string): SQL => sql`
  SELECT count(*)::int AS failures FROM security_events
  WHERE user_id = ${userId}::uuid AND kind = 'login.failed' AND reason = 'wrong_password' AND id > COALESCE((
    SELECT id FROM security_events WHERE user_id = ${userId}::uuid AND kind IN ('login.success', 'reset.completed')
    ORDER BY id DESC LIMIT 1), '00000000-0000-0000-0000-000000000000')`;

/** So many failures since the last success make the success worth a word to the owner (ASVS 6.3.5). */
const isSuspicious = sql`streak.failures >= 10`;

/** The notice that the login is worth, if it is worth one. */
const insertNotice = (session: NewSession, eventId: string, now: Date): SQL =>
  insertMail(
    {
      id: session.noticeId,
      kind: sql`CASE WHEN ${isSuspicious} THEN 'login_after_failures' ELSE 'new_device' END`,
      userId: sql`session.user_id`,
      recipient: sql`(SELECT email FROM users WHERE users.id = session.user_id)`,
      eventId,
      at: now,
    },
    sql`FROM session, streak WHERE ${isSuspicious} OR ${session.isNewDevice}::boolean AND EXISTS (
          SELECT FROM security_events e WHERE e.user_id = session.user_id AND e.kind = 'login.success')`,
  );

const insertSession = (session: NewSession, caller: Caller, now: Date): SQL => sql`
  INSERT INTO user_sessions
    (id, user_id, secret_hash, last_used_at, idle_expires_at, expires_at, client, user_agent, place, transport,
      created_at)
  SELECT ${session.id}::uuid, id, ${bytes(session.secretHash)}, ${instant(now)}, ${instant(session.idleExpiresAt)},
    ${instant(session.expiresAt)}, ${caller.client}::text, ${caller.userAgent}::text, ${caller.place}::text,
    ${session.transport}, ${instant(now)}
  FROM person`;

/** Sessions of `person` that the new one leaves no room for: the oldest, by when they were opened. */
const displaceOldest = (maxLive: number, caller: Caller, now: Date): SQL => sql`
  displaced AS (
    UPDATE user_sessions s SET revoked_at = ${instant(now)}, revoked_reason = 'too_many_sessions'
    FROM (
      SELECT o.id FROM user_sessions o JOIN person ON o.user_id = person.id
      WHERE ${isLive('o', now)}
      ORDER BY o.created_at DESC, o.id DESC OFFSET ${maxLive - 1}
    ) oldest
    WHERE s.id = oldest.id AND s.revoked_at IS NULL
    RETURNING s.id, s.user_id
  ), displacement AS (
    ${insertEvent(
      { kind: 'session.displaced', caller, at: now, userId: sql`user_id`, sessionId: sql`id` },
      sql`FROM displaced LIMIT 1`,
    )}
  )`;
