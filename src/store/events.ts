/** Security events: appended by the statement of the change they describe, so neither exists without the other. */
import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Caller } from '../caller.ts';
import type { EventKind, EventReason } from '../event-kinds.ts';
import { constant } from './constants.ts';
import { instant } from './db.ts';

type Event = {
  /** One for every row, where there may be several. */
  id?: string | SQL;
  /** A kind, or an expression that chooses between kinds (constants.ts). */
  kind: EventKind | SQL<EventKind>;
  /** Whose request it is; nobody's, when the schedule does it. */
  caller?: Caller;
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
