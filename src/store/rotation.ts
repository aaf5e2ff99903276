/** The refresh of a session, by compare-and-swap, and its end by the token that is given back. */
import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { bytes, type Db, instant, later } from './db.ts';
import { type Caller, insertEvent, note } from './events.ts';
import { insertMail } from './outbox.ts';
import type { Transport } from './sessions.ts';

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

type RotationSettings = { idleSeconds: number; graceSeconds: number; transport: Transport };

const ownerAddress = sql`(SELECT email FROM users WHERE users.id = session.user_id)`;

/**
 * One conditional UPDATE decides: the live generation moves on; the one before it, within the grace window, is
 * answered with the same successor; any older one ends the session, and its owner is told.
 * A row that another refresh holds is waited for and judged again as that refresh left it. The window opens when the
 * successor was made, not when it was asked for: a refresh that was held up must not make a thief of its retry.
 */
export async function rotateSession(
  db: Db,
  claim: Claim,
  settings: RotationSettings,
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
        {
          id: mailId,
          kind: 'refresh_token_reused',
          userId: sql`user_id`,
          recipient: ownerAddress,
          eventId,
          at: now,
        },
        sql`FROM session WHERE revoked`,
      )}
    )
    SELECT generation, user_id, created_at::text, expires_at::text, revoked FROM session`);
  const [row] = rows;
  if (row === undefined) return { outcome: 'refused' };
  note(caller, { userId: row.user_id, sessionId: claim.sessionId });
  if (row.revoked) note(caller, { event: 'token.reuse_detected' });
  if (row.revoked) return { outcome: 'reused', mailId };
  return rotationOf(row);
}

const rotationOf = (row: RotationRow): Rotation => ({
  outcome: 'rotated',
  generation: row.generation,
  userId: row.user_id,
  authenticatedAt: new Date(row.created_at),
  expiresAt: new Date(row.expires_at),
});

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
