/** What an operator does to somebody's access: disable, enable, unlock, end the sessions. Each behind the person's lock. */
import { type SQL, sql } from 'drizzle-orm';
import type { EventKind } from '../event-kinds.ts';
import {
  type Acting,
  type ActOutcome,
  actingCaller,
  outcomeRow,
  recordAct,
  selectOutcome,
} from './admin-act.ts';
import { type Db, instant } from './db.ts';
import { isLive } from './live-session.ts';
import { lockPerson } from './person-lock.ts';
import { type Parts, run, statement } from './statement.ts';

const samePerson = (userId: string): SQL => sql`SELECT id, email FROM users WHERE id = ${userId}::uuid`;

/** `parts` has a part `done`. */
async function act(
  db: Db,
  userId: string,
  kind: EventKind,
  parts: Parts,
  acting: Acting,
  now: Date,
): Promise<ActOutcome> {
  const acted = statement({
    parts: { person: samePerson(userId), ...parts, ...recordAct(acting, kind, now) },
    select: selectOutcome,
    row: outcomeRow,
  });
  const [row] = await run(db, acted, { caller: actingCaller(acting), locks: [lockPerson(userId)] });
  return row?.outcome ?? 'unknown';
}

/**
 * Disables the person: every session ends, and no link or code that was mailed works any more. Somebody who has closed
 * the own account can be disabled too, and then no undo opens it. Unchanged when an operator has disabled them already.
 */
export async function disablePerson(db: Db, userId: string, acting: Acting, now: Date): Promise<ActOutcome> {
  const parts = {
    done: sql`
      UPDATE users SET disabled_at = COALESCE(disabled_at, ${instant(now)}), disabled_by = ${acting.operator}
      WHERE id = ${userId}::uuid AND disabled_by IS NULL RETURNING id`,
    ended: sql`
      UPDATE user_sessions SET revoked_at = ${instant(now)}, revoked_reason = 'account_disabled' FROM done
      WHERE user_id = done.id AND revoked_at IS NULL`,
    links: sql`DELETE FROM password_reset_tokens USING done WHERE user_id = done.id`,
    waiting: sql`
      DELETE FROM verification_tokens USING done WHERE user_id = done.id AND purpose = 'change_email'`,
  };
  return act(db, userId, 'admin.disabled', parts, acting, now);
}

/** Enables the person again. An account that its owner has closed stays closed. */
export async function enablePerson(db: Db, userId: string, acting: Acting, now: Date): Promise<ActOutcome> {
  const done = sql`
    UPDATE users SET disabled_by = NULL, disabled_at = CASE WHEN deletion_due_at IS NOT NULL THEN disabled_at END
    WHERE id = ${userId}::uuid AND disabled_at IS NOT NULL AND (disabled_by IS NOT NULL OR deletion_due_at IS NULL)
    RETURNING id`;
  return act(db, userId, 'admin.enabled', { done }, acting, now);
}

/**
 * Deletes every counter of wrong passwords of the person, so that the right one is let in again. Also when it was
 * switched off after too many failures.
 */
export async function unlockPerson(db: Db, userId: string, acting: Acting, now: Date): Promise<ActOutcome> {
  const parts = {
    counters: sql`
      DELETE FROM failed_login_attempts WHERE key IN (
        SELECT key FROM failed_login_attempts WHERE user_id = ${userId}::uuid ORDER BY key FOR UPDATE)
      RETURNING key`,
    done: sql`SELECT id FROM person WHERE EXISTS (SELECT FROM counters)`,
  };
  return act(db, userId, 'admin.unlocked', parts, acting, now);
}

/** Ends all sessions of the person. */
export async function endSessionsOf(db: Db, userId: string, acting: Acting, now: Date): Promise<ActOutcome> {
  const parts = {
    ended: sql`
      UPDATE user_sessions s SET revoked_at = ${instant(now)}, revoked_reason = 'operator'
      WHERE s.user_id = ${userId}::uuid AND ${isLive('s', now)} RETURNING s.id`,
    done: sql`SELECT id FROM person WHERE EXISTS (SELECT FROM ended)`,
  };
  return act(db, userId, 'admin.logged_out', parts, acting, now);
}
