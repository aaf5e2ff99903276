/** Security events. The statement that makes a change also writes its event, so neither exists without the other. */
import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Caller } from '../caller.ts';
import type { EventKind, EventReason } from '../event-kinds.ts';
import { constant } from './constants.ts';
import { instant } from './db.ts';

type Event = {
  /** An expression when there may be several rows, so that each gets its own id. */
  id?: string | SQL;
  /** A kind, or an expression that chooses between kinds (constants.ts). */
  kind: EventKind | SQL<EventKind>;
  /** Whose request it is. Absent when the schedule does it. */
  caller?: Caller;
  at: Date;
  userId?: SQL;
  sessionId?: SQL;
  reason?: EventReason | SQL<EventReason | null>;
};

const NULL = sql`NULL`;

/** A part of a statement that writes events. statement.ts notes for the log which of them were really written. */
export class EventInsert {
  readonly query: SQL;
  constructor(query: SQL) {
    this.query = query;
  }
}

/**
 * `INSERT ... SELECT`, as a part of a statement. `from` is the FROM clause, and decides whether the event happened.
 */
export function event(details: Event, from: SQL = sql``): EventInsert {
  const { id = uuidv7(), kind, caller, at, userId = NULL, sessionId = NULL, reason = null } = details;
  return new EventInsert(sql`
    INSERT INTO security_events
      (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT ${id}::uuid, ${constant(kind)}, ${userId}::uuid, ${sessionId}::uuid, ${constant(reason)}::text,
      ${caller?.client ?? null}::text, ${caller?.userAgent ?? null}::text, ${caller?.requestId ?? null}::text, ${instant(at)}
    ${from}
    RETURNING kind, user_id, session_id, reason`);
}
