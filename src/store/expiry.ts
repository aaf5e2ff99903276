/**
 * Deletes what has expired, oldest first. A row that another transaction has locked is skipped and left to a later
 * sweep. So a sweep never waits, and cannot deadlock with others that delete the same rows.
 */
import { type SQL, sql } from 'drizzle-orm';
import { MAX_ACCESS_TOKEN_SECONDS } from '../config/settings/sessions.ts';
import { later } from '../lib/time.ts';
import { type Db, instant } from './db.ts';
import { column, run, statement } from './statement.ts';

/** How many rows one statement deletes. The next sweep continues, so each statement stays short. */
const SWEEP_ROWS = 1_000;
const SWEEP_EVENTS = 5_000;
/**
 * Rows are kept this much longer: an isolate whose clock is slow must not miss a row that it still takes for valid.
 */
const MARGIN_SECONDS = 3_600;

/** Deletes sign-ups that were not proven in time, with their tokens, and gives their number. */
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

/** Deletes expired codes and links, and gives their number. */
export async function sweepTokens(db: Db, now: Date): Promise<number> {
  return countDeleted(
    db,
    deleteExpired('verification_tokens', 'id', now),
    deleteExpired('password_reset_tokens', 'id', now),
    deleteExpired('email_change_undos', 'id', now),
  );
}

/**
 * Deletes sessions past their absolute end, and gives their number. One that ended earlier stays until then, so that
 * an old refresh token of it is still recognised.
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
 * Deletes expired counters: those of failed logins, and those that stood in for Redis. Gives their number. Every count
 * deletes a few of them as well, but after a flood nobody may be counting.
 */
export async function sweepCounters(db: Db, now: Date): Promise<number> {
  return countDeleted(
    db,
    deleteExpired('failed_login_attempts', 'key', now),
    deleteExpired('rate_limit_fallback', 'key', now),
  );
}

/**
 * Deletes events that are older than `days`, oldest first, and gives their number. Nothing else deletes or changes an
 * event.
 */
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
