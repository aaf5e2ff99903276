/**
 * Ends many sessions at once, for an incident. It goes through the sessions in the order of their ids, in batches of
 * a thousand, which hold their locks for a fraction of a second. A session that somebody holds is passed over, so a
 * batch never waits and cannot deadlock. The caller goes round again until nothing is left (admin/end-sessions.ts).
 *
 * The mark, set before the first batch, is an entry in `revoked_sessions` with an empty digest. It says that no token
 * issued before it is good, whatever its session. A session whose last token is older then needs no entry of its own
 * (a trigger decides that, migrations/0005), and services that verify tokens refuse all of them within seconds.
 */
import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { type Acting, actingCaller, recordAct } from './admin-act.ts';
import { type Db, instant } from './db.ts';
import { event } from './events.ts';
import { isLive } from './live-session.ts';
import { column, run, statement } from './statement.ts';

/** Which sessions: all, those that were opened at that time or later, or those that one network has opened. */
export type Which = { everyone: true } | { opened: { since: Date } } | { client: string };

const BATCH = 1_000;

/** A condition: the session is one of those, is live, and was opened before the act began. */
const isMeant = (which: Which, begun: Date): SQL => {
  const live = sql`${isLive('s', begun)} AND s.created_at <= ${instant(begun)}`;
  if ('client' in which) return sql`${live} AND s.client = ${which.client}`;
  return 'opened' in which ? sql`${live} AND s.created_at >= ${instant(which.opened.since)}` : live;
};

/** How many live sessions there are, and of how many people. */
export async function countSessions(
  db: Db,
  which: Which,
  begun: Date,
): Promise<{ sessions: number; people: number }> {
  const select = sql`
    SELECT count(*) AS sessions, count(DISTINCT s.user_id) AS people FROM user_sessions s
    WHERE ${isMeant(which, begun)}`;
  const row = { sessions: column.integer, people: column.integer };
  const [count] = await run(db, statement({ select, row }));
  return count ?? { sessions: 0, people: 0 };
}

/** Records that an operator begins, and sets the mark if `isMarked`. It stays where it is if it is later already. */
export async function beginEnding(db: Db, isMarked: boolean, acting: Acting, now: Date): Promise<void> {
  const mark = sql`
    INSERT INTO revoked_sessions AS mark (digest, revoked_at) VALUES ('', clock_timestamp())
    ON CONFLICT (digest) DO UPDATE SET revoked_at = GREATEST(mark.revoked_at, EXCLUDED.revoked_at)`;
  const begun = statement({
    parts: {
      ...recordAct(acting, 'admin.sessions_ended', now, { userId: sql`NULL`, from: sql`` }),
      ...(isMarked && { mark }),
    },
    select: sql`SELECT`,
    row: {},
  });
  await run(db, begun, { caller: actingCaller(acting) });
}

/**
 * Ends the next sessions after the id `after`, with an event for each of their people. Gives how many sessions ended,
 * and the last id that was looked at: null at the end of the table.
 */
export async function endSessionBatch(
  db: Db,
  which: Which,
  after: string,
  acting: Acting,
  begun: Date,
): Promise<{ ended: number; last: string | null }> {
  const { operator, door, reason } = acting;
  // In the order of time, as all ids of events are.
  const eventIds = Array.from({ length: BATCH }, () => uuidv7());
  const batch = statement({
    parts: {
      due: sql`
        SELECT s.id FROM user_sessions s WHERE s.id > ${after}::uuid AND ${isMeant(which, begun)}
        ORDER BY s.id LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`,
      ended: sql`
        UPDATE user_sessions SET revoked_at = ${instant(begun)}, revoked_reason = 'operator' FROM due
        WHERE user_sessions.id = due.id RETURNING user_sessions.id, user_id`,
      people: sql`
        SELECT user_id, (${sql.param(eventIds)}::uuid[])[row_number() OVER ()] AS event_id
        FROM (SELECT DISTINCT user_id FROM ended) one`,
      event: event(
        {
          id: sql`event_id`,
          kind: 'admin.logged_out',
          caller: actingCaller(acting),
          at: begun,
          userId: sql`user_id`,
        },
        sql`FROM people`,
      ),
      act: sql`
        INSERT INTO admin_acts (event_id, operator, door, reason)
        SELECT event_id, ${operator}, ${door}, ${reason}::text FROM people`,
    },
    select: sql`SELECT (SELECT count(*) FROM ended) AS ended, (SELECT id FROM due ORDER BY id DESC LIMIT 1) AS last`,
    row: { ended: column.integer, last: column.uuid.nullable() },
  });
  const [done] = await run(db, batch);
  return done ?? { ended: 0, last: null };
}
