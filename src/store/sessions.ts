/** Sessions: opened for a password that is still current, rotated by compare-and-swap, revoked once. */
import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { bytes, type Db, instant, later } from './db.ts';
import { type Caller, insertEvent, note } from './events.ts';
import { insertMail } from './outbox.ts';
import { lockPerson } from './person-lock.ts';
import { isLive } from './users.ts';

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
  /** The id of the notice that is owed when the device is new to a person who has logged in before. */
  newDeviceMailId: string | null;
  /** The same password under today's parameters, when the stored record is older. */
  rehashed: string | null;
};

/**
 * Opens a session and records the login; undefined when the password changed since it was read. Of more than
 * `maxLive` sessions the oldest end: logins of one person come in turn, so that each counts those before it.
 */
export async function openSession(
  db: Db,
  session: NewSession,
  maxLive: number,
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
    ), ${displaceOldest(maxLive, caller, now)}, event AS (
      ${insertEvent(
        { id: eventId, kind: 'login.success', caller, at: now, userId: sql`user_id`, sessionId: sql`id` },
        sql`FROM session`,
      )}
    ), notice AS (
      ${insertMail(
        {
          id: session.newDeviceMailId ?? uuidv7(),
          kind: sql`'new_device'`,
          userId: sql`user_id`,
          eventId,
          at: now,
        },
        sql`FROM session WHERE ${session.newDeviceMailId !== null} AND EXISTS (
          SELECT FROM security_events e WHERE e.user_id = session.user_id AND e.kind = 'login.success')`,
      )}
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

/** What a refresh token claims to be, after its signature has been checked. */
export type Claim = { sessionId: string; generation: number; secretHash: Uint8Array };

export type Rotation =
  | { outcome: 'rotated'; generation: number; userId: string; authenticatedAt: Date; expiresAt: Date }
  | { outcome: 'reused'; mailId: string }
  | { outcome: 'refused' };

type RotationRow = {
  generation: number;
  user_id: string;
  created_at: string;
  expires_at: string;
  revoked: boolean;
};

/**
 * One conditional UPDATE decides: the live generation moves on; the one before it, within the grace window, is
 * answered with the same successor; any older one ends the session, and its owner is told.
 * A row that another refresh holds is waited for and judged again as that refresh left it. The window starts when
 * the rotation happens: one that a slow database does after its client has given up leaves that client a second try.
 */
export async function rotateSession(
  db: Db,
  claim: Claim,
  settings: { idleSeconds: number; graceSeconds: number; transport: Transport },
  caller: Caller,
  now: Date,
): Promise<Rotation> {
  const mailId = uuidv7();
  const eventId = uuidv7();
  const isCurrent = sql`generation = ${claim.generation}::int`;
  const isGrace = sql`(generation = ${claim.generation}::int + 1
    AND rotated_at > ${instant(later(now, -settings.graceSeconds))})`;
  const { rows } = await db.execute<RotationRow>(sql`
    WITH session AS (
      UPDATE user_sessions SET
        generation = CASE WHEN ${isCurrent} THEN generation + 1 ELSE generation END,
        rotated_at = CASE WHEN ${isCurrent} THEN GREATEST(${instant(now)}, clock_timestamp()) ELSE rotated_at END,
        last_used_at = ${instant(now)},
        idle_expires_at = LEAST(expires_at, ${instant(later(now, settings.idleSeconds))}),
        revoked_at = CASE WHEN ${isCurrent} OR ${isGrace} THEN NULL ELSE ${instant(now)} END,
        revoked_reason = CASE WHEN ${isCurrent} OR ${isGrace} THEN NULL ELSE 'refresh_token_reused' END
      WHERE id = ${claim.sessionId}::uuid AND secret_hash = ${bytes(claim.secretHash)}
        AND transport = ${settings.transport} AND generation >= ${claim.generation}::int AND revoked_at IS NULL
        AND expires_at > ${instant(now)} AND idle_expires_at > ${instant(now)}
      RETURNING id, user_id, generation, created_at, expires_at, revoked_at IS NOT NULL AS revoked
    ), event AS (
      ${insertEvent(
        {
          id: eventId,
          kind: 'token.reuse_detected',
          caller,
          at: now,
          userId: sql`user_id`,
          sessionId: sql`id`,
        },
        sql`FROM session WHERE revoked`,
      )}
    ), mail AS (
      ${insertMail(
        { id: mailId, kind: sql`'refresh_token_reused'`, userId: sql`user_id`, eventId, at: now },
        sql`FROM session WHERE revoked`,
      )}
    )
    SELECT generation, user_id, created_at::text, expires_at::text, revoked FROM session`);
  const [row] = rows;
  if (row === undefined) return { outcome: 'refused' };
  note(caller, { userId: row.user_id, sessionId: claim.sessionId });
  if (row.revoked) note(caller, { event: 'token.reuse_detected' });
  if (row.revoked) return { outcome: 'reused', mailId };
  return {
    outcome: 'rotated',
    generation: row.generation,
    userId: row.user_id,
    authenticatedAt: new Date(row.created_at),
    expiresAt: new Date(row.expires_at),
  };
}

/** Ends the session that a refresh token of any generation belongs to. Nothing happens when it has ended. */
export async function endSession(db: Db, claim: Claim, caller: Caller, now: Date): Promise<void> {
  const { rows } = await db.execute<{ user_id: string }>(sql`
    WITH session AS (
      UPDATE user_sessions SET revoked_at = ${instant(now)}, revoked_reason = 'logout'
      WHERE id = ${claim.sessionId}::uuid AND secret_hash = ${bytes(claim.secretHash)} AND revoked_at IS NULL
      RETURNING id, user_id
    )
    ${insertEvent({ kind: 'logout', caller, at: now, userId: sql`user_id`, sessionId: sql`id` }, sql`FROM session`)}
    RETURNING user_id`);
  for (const row of rows) note(caller, { event: 'logout', userId: row.user_id, sessionId: claim.sessionId });
}
