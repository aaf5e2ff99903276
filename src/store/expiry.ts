/**
 * Deletes what has expired, oldest first. A row that somebody holds is passed over and goes with a later sweep, so
 * that the sweep never waits and never stands in a circle of waiting with those who delete the same rows.
 */
import { type SQL, sql } from 'drizzle-orm';
import { MAX_ACCESS_TOKEN_SECONDS } from '../config/settings/sessions.ts';
import { later } from '../lib/time.ts';
import { type Db, instant } from './db.ts';
import { column, run, statement } from './statement.ts';

/** Rows one statement may delete: it stays short, and the next sweep goes on. */
const SWEEP_ROWS = 1_000;
const SWEEP_EVENTS = 5_000;
/** Beyond the end, so that no clock that is behind still finds the row good. */
const MARGIN_SECONDS = 3_600;

/** Deletes sign-ups that were not proven in time, with their tokens and mails; answers how many. */
export async function sweepSignups(db: Db, now: Date): Promise<number> {
  return countDeleted(
    db,
    sql`
      DELETE FROM users WHERE id = ANY(ARRAY(
        SELECT id FROM users
        WHERE email_verified_at IS NULL AND pending_expires_at < ${instant(later(now, -MARGIN_SECONDS))}
        ORDER BY pending_expires_at LIMIT ${SWEEP_ROWS} FOR UPDATE SKIP LOCKED))`,
  );
}

/** Deletes codes and links past their time; answers how many. */
export async function sweepTokens(db: Db, now: Date): Promise<number> {
  return countDeleted(
    db,
    deleteExpired('verification_tokens', 'id', now),
    deleteExpired('password_reset_tokens', 'id', now),
    deleteExpired('email_change_undos', 'id', now),
  );
}

/**
 * Deletes sessions past their absolute end; answers how many. One that ended before stays until then: an old refresh
 * token of it must still be known as such.
 */
export async function sweepSessions(db: Db, now: Date): Promise<number> {
  return countDeleted(db, deleteExpired('user_sessions', 'id', now));
}

/** Deletes what says of sessions that they ended, once no token of theirs can be alive; answers how many. */
export async function sweepRevokedSessions(db: Db, now: Date): Promise<number> {
  const longAgo = later(now, -MAX_ACCESS_TOKEN_SECONDS - MARGIN_SECONDS);
  return countDeleted(
    db,
    sql`
      DELETE FROM revoked_sessions WHERE digest = ANY(ARRAY(
        SELECT digest FROM revoked_sessions WHERE revoked_at < ${instant(longAgo)}
        ORDER BY revoked_at LIMIT ${SWEEP_EVENTS}))`,
  );
}

/**
 * Deletes counters whose time is over: those of failed logins, and those that stood in for Redis; answers how many. Who
 * counts next sweeps a few as well, but after a flood nobody may come.
 */
export async function sweepCounters(db: Db, now: Date): Promise<number> {
  return countDeleted(
    db,
    deleteExpired('failed_login_attempts', 'key', now),
    deleteExpired('rate_limit_fallback', 'key', now),
  );
}

/** Deletes events that are older than `days`, oldest first; answers how many. Nobody else deletes or changes one. */
export async function sweepEvents(db: Db, now: Date, days: number): Promise<number> {
  return countDeleted(
    db,
    sql`
      DELETE FROM security_events WHERE id = ANY(ARRAY(
        SELECT id FROM security_events WHERE occurred_at < ${instant(later(now, -days * 86_400))}
        ORDER BY occurred_at LIMIT ${SWEEP_EVENTS}))`,
  );
}

function deleteExpired(table: string, primaryKey: string, now: Date): SQL {
  const [from, key] = [sql.raw(table), sql.raw(primaryKey)];
  return sql`
    DELETE FROM ${from} WHERE ${key} = ANY(ARRAY(
      SELECT ${key} FROM ${from} WHERE expires_at < ${instant(later(now, -MARGIN_SECONDS))}
      ORDER BY expires_at LIMIT ${SWEEP_ROWS} FOR UPDATE SKIP LOCKED))`;
}

async function countDeleted(db: Db, ...deletions: SQL[]): Promise<number> {
  const named = deletions.map(
    (deletion, index) => [`expired_${index}`, sql`${deletion} RETURNING 1`] as const,
  );
  const counts = named.map(([name]) => sql`(SELECT count(*) FROM ${sql.identifier(name)})`);
  const parts = Object.fromEntries(named);
  const select = sql`SELECT ${sql.join(counts, sql` + `)} AS count`;
  const [answer] = await run(db, statement({ parts, select, row: { count: column.integer } }));
  return answer?.count ?? 0;
}
