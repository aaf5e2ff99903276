/**
 * Judges a refresh token that somebody presents: at a refresh, at a logout, and at a login that replaces the session
 * of its browser. Is it the current token of the session, may its exchange be answered once more, or was it stolen?
 * The table behind the verdict is in docs/decisions/0011.
 */
import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Caller, Transport } from '../caller.ts';
import { later } from '../lib/time.ts';
import { choose } from './constants.ts';
import { bytes, instant } from './db.ts';
import { event } from './events.ts';
import { isLive } from './live-session.ts';
import { insertMail } from './outbox.ts';
import type { Parts } from './statement.ts';

/** What a refresh token says, after its signature was checked, and how it was presented. */
export type Claim = {
  sessionId: string;
  generation: number;
  secretHash: Uint8Array;
  transport: Transport;
  /** From the device token in the same request. Null without one. */
  deviceId: string | null;
};

/**
 * The verdict on a token:
 *
 * - `live`: the current token of the session.
 * - `fresh`: the same, shown by the device of the session within the grace of its making. It is answered with itself.
 * - `racing`: the one before it, within the grace. It gets the same successor again.
 * - `late`: the one before it, after the grace, but from the device of the session. It gets a new successor.
 * - `reused`: any other old token. It was stolen.
 */
export const tokenVerdicts = ['live', 'fresh', 'racing', 'late', 'reused'] as const;

/**
 * The part `shown`: the live session of the token, locked, with the `verdict` on the token. It has no row when the
 * secret, the transport or the generation does not belong to the session, when the session has ended, and when the
 * person is disabled. So a token that does not belong to a session does nothing to it. `on` is one more condition.
 *
 * The row is locked before it is judged. When two requests present tokens of one session, the second is judged by what
 * the first has written.
 */
export function shownToken(claim: Claim, graceSeconds: number, now: Date, on: SQL = sql`true`): SQL {
  const isExchanged = sql`s.exchanged_generation = ${claim.generation}::int`;
  const isOwnDevice = sql`s.device_id = ${claim.deviceId}::uuid`;
  const isWithoutDevice = sql`s.transport = 'body' AND ${claim.deviceId}::uuid IS NULL`;
  const isInGrace = sql`s.rotated_at > ${instant(later(now, -graceSeconds))}`;
  return sql`
    SELECT s.id, s.user_id, s.refresh_window_ends_at AS window_ends_at, CASE
        WHEN s.generation = ${claim.generation}::int THEN
          CASE WHEN s.exchanged_generation IS NOT NULL AND ${isInGrace} AND ${isOwnDevice} THEN 'fresh' ELSE 'live' END
        WHEN ${isExchanged} AND ${isInGrace} AND (${isOwnDevice} OR ${isWithoutDevice}) THEN 'racing'
        WHEN ${isExchanged} AND ${isOwnDevice} THEN 'late'
        ELSE 'reused' END AS verdict
    FROM user_sessions s JOIN users person ON person.id = s.user_id AND person.disabled_at IS NULL
    WHERE s.id = ${claim.sessionId}::uuid AND s.secret_hash = ${bytes(claim.secretHash)}
      AND s.transport = ${claim.transport} AND s.generation >= ${claim.generation}::int AND ${isLive('s', now)} AND ${on}
    FOR UPDATE OF s`;
}

/** The events of a session that ends with a good token. */
const ENDINGS = { logout: 'logout', replaced: 'session.replaced' } as const;

/**
 * Parts that end the session of `shown`: for the given reason, or as stolen, which is recorded and told to its owner
 * by mail. Without a reason only a stolen one ends. `stolen` has the session whose owner gets the mail `mailId`.
 */
export function endShown(
  reason: keyof typeof ENDINGS | undefined,
  mailId: string,
  caller: Caller,
  now: Date,
): Parts {
  const eventId = uuidv7();
  const isReused = sql`verdict = 'reused'`;
  return {
    ended: sql`
      UPDATE user_sessions s SET revoked_at = ${instant(now)},
        revoked_reason = ${reason ? choose(isReused, 'refresh_token_reused', reason) : sql`'refresh_token_reused'`}
      FROM shown WHERE s.id = shown.id AND ${reason ? sql`true` : isReused}
      RETURNING s.id, s.user_id, shown.verdict`,
    ending: event(
      {
        id: eventId,
        kind: reason ? choose(isReused, 'token.reuse_detected', ENDINGS[reason]) : 'token.reuse_detected',
        caller,
        at: now,
        userId: sql`user_id`,
        sessionId: sql`id`,
      },
      sql`FROM ended`,
    ),
    stolen: sql`SELECT id, user_id FROM ended WHERE ${isReused}`,
    alarm: insertMail(
      {
        id: mailId,
        kind: 'refresh_token_reused',
        userId: sql`user_id`,
        recipient: sql`(SELECT email FROM users WHERE users.id = stolen.user_id)`,
        eventId,
        at: now,
      },
      sql`FROM stolen`,
    ),
  };
}
