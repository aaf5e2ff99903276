/** Security events: appended by the statement of the change they describe, so neither exists without the other. */
import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { constant } from './constants.ts';
import { type Db, instant, later } from './db.ts';
import type { EventKind, EventReason } from './event-kinds.ts';

export type { EventKind } from './event-kinds.ts';

/** Who is asking, as far as the edge can tell. */
export type Caller = {
  client: string | null;
  userAgent: string | null;
  /** City and country, as far as Cloudflare tells. */
  place: string | null;
  requestId: string;
  /** The language asked for, for mail to come. */
  locale?: string | undefined;
  /** What has become known of the request, for its log line. */
  trace?: Trace;
};

export type Trace = {
  events: EventKind[];
  userId?: string;
  sessionId?: string;
  /** Of an address that nobody has: the beginning of its key in `failed_login_attempts`. */
  addressHash?: string;
  /** Why, of the last event that has a reason. */
  reason?: string;
};

/** Notes for the log who the caller turned out to be, which event was written, once it has been, and why. */
export function note(
  { trace }: Caller,
  known: {
    event?: EventKind;
    userId?: string | null;
    sessionId?: string | null;
    reason?: string | null;
    addressHash?: string;
  },
): void {
  if (trace === undefined) return;
  if (known.event) trace.events.push(known.event);
  if (known.userId) trace.userId = known.userId;
  if (known.sessionId) trace.sessionId = known.sessionId;
  if (known.addressHash) trace.addressHash = known.addressHash;
  if (known.reason) trace.reason = known.reason;
}

type Event = {
  id?: string;
  /** A kind, or an expression that chooses between kinds (constants.ts). */
  kind: EventKind | SQL<EventKind>;
  caller: Caller;
  at: Date;
  userId?: SQL;
  sessionId?: SQL;
  reason?: EventReason | SQL<EventReason | null>;
};

const NULL = sql`NULL`;

/** A part of a statement that appends events; statement.ts notes which of them were written. */
export class EventInsert {
  readonly query: SQL;
  constructor(query: SQL) {
    this.query = query;
  }
}

/** `INSERT ... SELECT`, as a part of a statement; `from` is the FROM clause that says whether the event happened. */
export const event = (details: Event, from: SQL = sql``): EventInsert =>
  new EventInsert(sql`${insertEvent(details, from)} RETURNING kind, user_id, session_id, reason`);

/** The same as plain SQL, for statements that are not made by `statement` yet. Such a verb calls `note` itself. */
export function insertEvent(
  details: Omit<Event, 'kind' | 'reason'> & { kind: EventKind | SQL; reason?: SQL | EventReason },
  from: SQL = sql``,
): SQL {
  const { id = uuidv7(), kind, caller, at, userId = NULL, sessionId = NULL, reason = NULL } = details;
  return sql`
    INSERT INTO security_events
      (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT ${id}::uuid, ${constant(kind as EventKind)}, ${userId}::uuid, ${sessionId}::uuid,
      ${constant(reason as EventReason)}::text, ${caller.client}::text, ${caller.userAgent}::text,
      ${caller.requestId}::text, ${instant(at)}
    ${from}`;
}

/** Rows one sweep may delete: a statement stays short, and the next sweep goes on. */
const SWEEP_ROWS = 5_000;

/** Deletes events that are older than `days`, oldest first; answers how many. For the jobs Worker's schedule. */
export async function sweepEvents(db: Db, now: Date, days: number): Promise<number> {
  const { rowCount } = await db.execute(sql`
    DELETE FROM security_events WHERE id = ANY(ARRAY(
      SELECT id FROM security_events WHERE occurred_at < ${instant(later(now, -days * 86_400))}
      ORDER BY occurred_at LIMIT ${SWEEP_ROWS}))`);
  return rowCount;
}
