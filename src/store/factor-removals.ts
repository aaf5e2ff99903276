/**
 * The way back for somebody who has lost every second factor and all recovery codes: an operator asks for their
 * removal, which happens 72 hours later. The person is told at once. Whoever still has a factor calls it off by using
 * it: a login with it is the proof that it is not lost. An operator can call it off too.
 */
import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { later } from '../lib/time.ts';
import {
  type Acting,
  type ActOutcome,
  actingCaller,
  outcomeRow,
  recordAct,
  selectOutcome,
} from './admin-act.ts';
import { type Db, instant } from './db.ts';
import { event } from './events.ts';
import { lockPerson } from './person-lock.ts';
import { column, run, statement } from './statement.ts';

/** The mail says this number of hours (mail/languages). */
const DELAY_SECONDS = 72 * 3_600;

/** How many one sweep removes. The next one continues. */
const SWEEP_ROWS = 100;

const samePerson = (userId: string): SQL => sql`SELECT id FROM users WHERE id = ${userId}::uuid`;

/** Unchanged for somebody without a factor, who is disabled, or whose removal waits already. */
export async function requestRemoval(db: Db, userId: string, acting: Acting, now: Date): Promise<ActOutcome> {
  const eventId = uuidv7();
  const requested = statement({
    parts: {
      person: samePerson(userId),
      done: sql`
        INSERT INTO factor_removals (id, user_id, due_at, created_at)
        SELECT ${uuidv7()}::uuid, u.id, ${instant(later(now, DELAY_SECONDS))}, ${instant(now)} FROM users u
        WHERE u.id = ${userId}::uuid AND u.email_verified_at IS NOT NULL AND u.disabled_at IS NULL
          AND (EXISTS (SELECT FROM totp_factors f WHERE f.user_id = u.id)
            OR EXISTS (SELECT FROM passkeys k WHERE k.user_id = u.id))
        ON CONFLICT (user_id) DO NOTHING RETURNING user_id AS id`,
      ...recordAct(acting, 'admin.factor_removal_requested', now, { eventId }),
      mail: sql`
        INSERT INTO email_outbox (id, kind, user_id, event_id, created_at)
        SELECT ${uuidv7()}::uuid, 'factor_removal_requested', id, ${eventId}::uuid, ${instant(now)} FROM done`,
    },
    select: selectOutcome,
    row: outcomeRow,
  });
  const [row] = await run(db, requested, { caller: actingCaller(acting), locks: [lockPerson(userId)] });
  return row?.outcome ?? 'unknown';
}

/** Calls the removal off. Unchanged when none waits. */
export async function cancelRemoval(db: Db, userId: string, acting: Acting, now: Date): Promise<ActOutcome> {
  const cancelled = statement({
    parts: {
      person: samePerson(userId),
      done: sql`DELETE FROM factor_removals WHERE user_id = ${userId}::uuid RETURNING user_id AS id`,
      ...recordAct(acting, 'admin.factor_removal_cancelled', now),
    },
    select: selectOutcome,
    row: outcomeRow,
  });
  const [row] = await run(db, cancelled, { caller: actingCaller(acting), locks: [lockPerson(userId)] });
  return row?.outcome ?? 'unknown';
}

/**
 * A condition on a removal: a factor of the person was used after it was asked for. A step of an authenticator app is
 * 30 seconds (RFC 6238).
 */
const isUsedSince = (removal: SQL): SQL => sql`
  (EXISTS (SELECT FROM user_sessions s
      WHERE s.user_id = ${removal}.user_id AND s.created_at >= ${removal}.created_at AND 'mfa' = ANY(s.amr))
    OR EXISTS (SELECT FROM totp_factors f
      WHERE f.user_id = ${removal}.user_id AND f.last_step * 30 >= extract(epoch FROM ${removal}.created_at))
    OR EXISTS (SELECT FROM passkeys k
      WHERE k.user_id = ${removal}.user_id AND k.last_used_at >= ${removal}.created_at))`;

/**
 * Does the removals that are due and gives their number: all factors and recovery codes go, trusted devices are
 * forgotten, all sessions end, and the person is told. A removal after which a factor was used is dropped. The people
 * are locked first, so a login with a factor comes completely before it or completely after it.
 */
export async function removeDueFactors(db: Db, now: Date): Promise<number> {
  // In the order of time, as all ids of events are.
  const eventIds = Array.from({ length: SWEEP_ROWS }, () => uuidv7());
  const due = sql`
    SELECT id, user_id, created_at FROM factor_removals WHERE due_at <= ${instant(now)}
    ORDER BY due_at LIMIT ${SWEEP_ROWS}`;
  const removed = statement({
    parts: {
      due: sql`${due} FOR UPDATE SKIP LOCKED`,
      over: sql`DELETE FROM factor_removals USING due WHERE factor_removals.id = due.id`,
      lost: sql`SELECT user_id FROM due WHERE NOT ${isUsedSince(sql`due`)}`,
      apps: sql`DELETE FROM totp_factors USING lost WHERE totp_factors.user_id = lost.user_id`,
      keys: sql`DELETE FROM passkeys USING lost WHERE passkeys.user_id = lost.user_id`,
      codes: sql`DELETE FROM recovery_codes USING lost WHERE recovery_codes.user_id = lost.user_id`,
      person: sql`
        UPDATE users SET mfa_epoch = mfa_epoch + 1, mfa_required = false FROM lost WHERE users.id = lost.user_id
        RETURNING users.id`,
      ended: sql`
        UPDATE user_sessions SET revoked_at = ${instant(now)}, revoked_reason = 'factor_removed' FROM person
        WHERE user_id = person.id AND revoked_at IS NULL`,
      numbered: sql`
        SELECT id, (${sql.param(eventIds)}::uuid[])[row_number() OVER ()] AS event_id FROM person`,
      removal: event(
        { id: sql`event_id`, kind: 'mfa.disabled', at: now, userId: sql`id` },
        sql`FROM numbered`,
      ),
      mail: sql`
        INSERT INTO email_outbox (id, kind, user_id, event_id, created_at)
        SELECT gen_random_uuid(), 'mfa_disabled', id, event_id, ${instant(now)} FROM numbered`,
    },
    select: sql`SELECT count(*) AS count FROM person`,
    row: { count: column.integer },
  });
  const lockPeople = sql`
    SELECT FROM users WHERE id IN (SELECT user_id FROM (${due}) due) ORDER BY id FOR NO KEY UPDATE`;
  const [answer] = await run(db, removed, { locks: [lockPeople] });
  return answer?.count ?? 0;
}
