/** Opens sessions; session/grant.ts is its only caller. How they continue and end is in rotation.ts. */
import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Caller, Transport } from '../caller.ts';
import type { EventReason } from '../event-kinds.ts';
import { choose } from './constants.ts';
import { bytes, type Db, instant } from './db.ts';
import { event } from './events.ts';
import { isLive } from './live-session.ts';
import { insertMail } from './outbox.ts';
import { lockPerson, lockPersonAndOwnerOf } from './person-lock.ts';
import { judgedBy, type Proof } from './proof.ts';
import { type Claim, endShown, shownToken } from './shown-token.ts';
import { column, type Parts, run, statement } from './statement.ts';

export type NewSession = {
  id: string;
  userId: string;
  secretHash: Uint8Array;
  deviceId: string;
  transport: Transport;
  /** How the person proved their identity, as in the claim `amr` (RFC 8176). */
  amr: readonly string[];
  idleExpiresAt: Date;
  expiresAt: Date;
  /** The second factors for which it was decided that none is owed, or that was proven (`users.mfa_epoch`). */
  mfaEpoch: number;
  /** Whether the device is new. If the person has logged in before, they are told by mail. */
  isNewDevice: boolean;
  /** The refresh token that the browser has from an earlier login. Its session ends. */
  replaces: Claim | undefined;
};

type Settings = { maxLive: number; graceSeconds: number };

/** The ids of the mails that the login causes. */
export type Opened = { owed: string[] };

/**
 * Opens a session if the proof holds; undefined if it does not. One statement. Without a row in `judged`, none of its
 * parts does anything:
 *
 * - `proven`, `judged` and the other parts of the proof (for a password: `rehashed`, `cleared`).
 * - `session`: the new session.
 * - `streak`: how many logins failed since the last success.
 * - `shown`, `ended`, `ending`, `stolen`, `alarm` (only with `replaces`): the session of the browser's old cookie
 *   ends. If that cookie was stolen, its owner is told by mail.
 * - `displaced`, `displacement`: the oldest sessions beyond `maxLive` end.
 * - `login`: the security event.
 * - `notice`: a mail, if the device is new or if many logins failed before.
 *
 * The lock of the person comes first. So logins of one person run one after the other, and each counts the sessions of
 * those before.
 */
export async function openSession(
  db: Db,
  session: NewSession,
  proof: Proof,
  settings: Settings,
  caller: Caller,
  now: Date,
): Promise<Opened | undefined> {
  const [eventId, noticeId, alarmId] = [uuidv7(), uuidv7(), uuidv7()];
  const { replaces } = session;
  const opened = statement({
    parts: {
      ...judgedBy(proof, session.mfaEpoch),
      ...proof.opening,
      session: insertSession(session, caller, now),
      streak: failuresSinceSuccess(session.userId),
      ...(replaces && replaceSession(replaces, settings.graceSeconds, alarmId, caller, now)),
      ...displaceOldest(settings.maxLive, replaces !== undefined, caller, now),
      login: event(
        {
          id: eventId,
          kind: 'login.success',
          caller,
          at: now,
          userId: sql`session.user_id`,
          sessionId: sql`session.id`,
          reason: sql<EventReason>`CASE WHEN ${isSuspicious} THEN 'after_' || failures || '_failures' END`,
        },
        sql`FROM session, streak`,
      ),
      notice: sql`${insertNotice(session, { noticeId, eventId }, now)} RETURNING id`,
    },
    select: sql`
      SELECT EXISTS (SELECT FROM notice) AS "isNoticeOwed",
        ${replaces ? sql`EXISTS (SELECT FROM stolen)` : sql`false`} AS "isAlarmOwed"
      FROM session`,
    row: { isNoticeOwed: column.boolean, isAlarmOwed: column.boolean },
  });
  const lock = replaces
    ? lockPersonAndOwnerOf(session.userId, replaces.sessionId)
    : lockPerson(session.userId);
  const [row] = await run(db, opened, { caller, locks: [lock] });
  return (
    row && {
      owed: [
        ...(proof.mails ?? []),
        ...(row.isNoticeOwed ? [noticeId] : []),
        ...(row.isAlarmOwed ? [alarmId] : []),
      ],
    }
  );
}

const insertSession = (session: NewSession, caller: Caller, now: Date): SQL => sql`
  INSERT INTO user_sessions
    (id, user_id, secret_hash, device_id, amr, last_used_at, idle_expires_at, expires_at, client, user_agent, place,
      transport, created_at)
  SELECT ${session.id}::uuid, id, ${bytes(session.secretHash)}, ${session.deviceId}::uuid,
    ${sql.param([...session.amr])}::text[], ${instant(now)}, ${instant(session.idleExpiresAt)},
    ${instant(session.expiresAt)}, ${caller.client}::text, ${caller.userAgent}::text, ${caller.place}::text,
    ${session.transport}, ${instant(now)}
  FROM judged
  ON CONFLICT (id) DO NOTHING
  RETURNING id, user_id`;

/**
 * How many wrong passwords came since the last login or reset, by the security events. The counters would not do: they
 * also count logins that are still running and may all be right.
 */
const failuresSinceSuccess = (userId: string): SQL => sql`
  SELECT count(*)::int AS failures FROM security_events
  WHERE user_id = ${userId}::uuid AND kind = 'login.failed' AND reason = 'wrong_password' AND id > COALESCE((
    SELECT id FROM security_events WHERE user_id = ${userId}::uuid AND kind IN ('login.success', 'reset.completed')
    ORDER BY id DESC LIMIT 1), '00000000-0000-0000-0000-000000000000')`;

/** After so many failures, a success is suspicious and the owner is told (ASVS 6.3.5). */
const isSuspicious = sql`streak.failures >= 10`;

/** The mail about the login, if it deserves one. */
const insertNotice = (
  session: NewSession,
  { noticeId, eventId }: { noticeId: string; eventId: string },
  now: Date,
): SQL =>
  insertMail(
    {
      id: noticeId,
      kind: choose(isSuspicious, 'login_after_failures', 'new_device'),
      userId: sql`judged.id`,
      recipient: sql`judged.email`,
      eventId,
      at: now,
    },
    sql`FROM judged, streak WHERE ${isSuspicious} OR ${session.isNewDevice}::boolean AND EXISTS (
          SELECT FROM security_events e WHERE e.user_id = judged.id AND e.kind = 'login.success')`,
  );

/** A browser holds one refresh cookie, so it can refresh one session only: the new session replaces the old one. */
const replaceSession = (
  claim: Claim,
  graceSeconds: number,
  alarmId: string,
  caller: Caller,
  now: Date,
): Parts => ({
  shown: shownToken(claim, graceSeconds, now, sql`EXISTS (SELECT FROM judged)`),
  ...endShown('replaced', alarmId, caller, now),
});

/** The oldest sessions of the person, for which the new one leaves no room. */
const displaceOldest = (maxLive: number, isReplacing: boolean, caller: Caller, now: Date): Parts => ({
  displaced: sql`
    UPDATE user_sessions s SET revoked_at = ${instant(now)}, revoked_reason = 'too_many_sessions'
    FROM (
      SELECT o.id FROM user_sessions o JOIN judged ON o.user_id = judged.id
      WHERE ${isLive('o', now)}
        ${isReplacing ? sql`AND NOT EXISTS (SELECT FROM ended WHERE ended.id = o.id)` : sql``}
      ORDER BY o.created_at DESC, o.id DESC OFFSET ${maxLive - 1}
    ) oldest
    WHERE s.id = oldest.id AND s.revoked_at IS NULL
    RETURNING s.id, s.user_id`,
  displacement: event(
    { kind: 'session.displaced', caller, at: now, userId: sql`user_id`, sessionId: sql`id` },
    sql`FROM displaced LIMIT 1`,
  ),
});
