/** Refresh and logout: both present a refresh token. What that token is worth is decided in shown-token.ts. */
import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import * as z from 'zod';
import type { Caller } from '../caller.ts';
import { later } from '../lib/time.ts';
import { type Db, instant } from './db.ts';
import { event } from './events.ts';
import { usedBefore } from './last-use.ts';
import { type Claim, endShown, shownToken, tokenVerdicts } from './shown-token.ts';
import { column, run, statement } from './statement.ts';

export type Rotation =
  | {
      outcome: 'rotated';
      generation: number;
      userId: string;
      amr: string[];
      authenticatedAt: Date;
      expiresAt: Date;
    }
  /** The session has been refreshed too often in this minute. Nothing has changed. */
  | { outcome: 'limited'; waitSeconds: number }
  | { outcome: 'reused'; mailId: string }
  | { outcome: 'refused' };

export type RotationSettings = {
  idleSeconds: number;
  /** How long a used token still gets the same successor. */
  graceSeconds: number;
  /** How often a session may be refreshed in a minute. */
  maxRefreshes: number;
};

const WINDOW_SECONDS = 60;

/** Without a session the columns from `generation` to `expiresAt` are null. */
const rotationRow = {
  verdict: z.enum(tokenVerdicts),
  userId: column.uuid,
  generation: column.integer.nullable(),
  amr: z.array(column.text).nullable(),
  authenticatedAt: column.instant.nullable(),
  expiresAt: column.instant.nullable(),
  waitSeconds: column.integer.nullable(),
};

/**
 * Exchanges a refresh token for the next one. The budget of the session is checked here and not earlier. So only
 * tokens of this session use it up, and a stolen token ends the session even when the budget is used up.
 *
 * The grace begins when the next token was made, not when it was requested: if a refresh was held up, its retry must
 * not look like a theft.
 */
export async function rotateSession(
  db: Db,
  claim: Claim,
  settings: RotationSettings,
  caller: Caller,
  now: Date,
): Promise<Rotation> {
  const mailId = uuidv7();
  const isRotated = sql`verdict IN ('live', 'late')`;
  const isOpen = sql`refresh_window_ends_at > ${instant(now)}`;
  const rotated = statement({
    parts: {
      shown: shownToken(claim, settings.graceSeconds, now),
      session: sql`
        UPDATE user_sessions s SET
          generation = CASE WHEN ${isRotated} THEN generation + 1 ELSE generation END,
          rotated_at = CASE WHEN ${isRotated} THEN GREATEST(${instant(now)}, clock_timestamp()) ELSE rotated_at END,
          exchanged_generation = CASE WHEN ${isRotated} THEN ${claim.generation}::int ELSE exchanged_generation END,
          refreshes = CASE WHEN ${isOpen} THEN refreshes + 1 ELSE 1 END,
          refresh_window_ends_at = CASE WHEN ${isOpen} THEN refresh_window_ends_at ELSE ${instant(later(now, WINDOW_SECONDS))} END,
          used_before_at = ${usedBefore('s', now)}, last_used_at = ${instant(now)},
          idle_expires_at = LEAST(expires_at, ${instant(later(now, settings.idleSeconds))})
        FROM shown WHERE s.id = shown.id AND verdict <> 'reused'
          AND (refreshes < ${settings.maxRefreshes}::int OR ${isOpen} IS NOT TRUE)
        RETURNING s.id, s.user_id, generation, amr, created_at, expires_at, verdict`,
      grace: event(
        { kind: 'token.grace', caller, at: now, userId: sql`user_id`, sessionId: sql`id` },
        sql`FROM session WHERE verdict = 'late'`,
      ),
      ...endShown(undefined, mailId, caller, now),
    },
    select: sql`
      SELECT shown.verdict, shown.user_id AS "userId", session.generation, session.amr,
        session.created_at AS "authenticatedAt", session.expires_at AS "expiresAt",
        ceil(extract(epoch FROM shown.window_ends_at - ${instant(now)}))::int AS "waitSeconds"
      FROM shown LEFT JOIN session ON true`,
    row: rotationRow,
  });
  const [row] = await run(db, rotated, { caller });
  if (row === undefined) return { outcome: 'refused' };
  if (row.verdict === 'reused') return { outcome: 'reused', mailId };
  const { generation, userId, amr, authenticatedAt, expiresAt } = row;
  if (generation === null || amr === null || authenticatedAt === null || expiresAt === null)
    return { outcome: 'limited', waitSeconds: row.waitSeconds ?? WINDOW_SECONDS };
  return { outcome: 'rotated', generation, userId, amr, authenticatedAt, expiresAt };
}

/**
 * Ends the session of a refresh token. A token that a refresh would take for stolen ends it as stolen, and the mail
 * that is then owed is given. Nothing happens when the session has ended already.
 */
export async function endSession(
  db: Db,
  claim: Claim,
  graceSeconds: number,
  caller: Caller,
  now: Date,
): Promise<string | undefined> {
  const mailId = uuidv7();
  const ended = statement({
    parts: { shown: shownToken(claim, graceSeconds, now), ...endShown('logout', mailId, caller, now) },
    select: sql`SELECT id FROM stolen`,
    row: { id: column.uuid },
  });
  const [stolen] = await run(db, ended, { caller });
  return stolen && mailId;
}
