/** Security events: appended by the statement of the change they describe, so neither exists without the other. */
import { type SQL, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { instant } from './db.ts';

/** Who is asking, as far as the edge can tell. */
export type Caller = {
  client: string | null;
  userAgent: string | null;
  /** City and country, as far as Cloudflare tells. */
  place: string | null;
  requestId: string;
  /** The language asked for, for mail to come. */
  locale?: string | undefined;
};

export type EventKind =
  | 'signup.requested'
  | 'signup.existing_notice'
  | 'signup.verified'
  | 'verify.failed'
  | 'verify.resent'
  | 'login.success'
  | 'login.failed'
  | 'login.throttled'
  | 'password.disabled'
  | 'token.reuse_detected'
  | 'logout'
  | 'logout.others'
  | 'session.revoked'
  | 'session.displaced'
  | 'reset.requested'
  | 'reset.completed'
  | 'reset.failed'
  | 'password.confirm_failed'
  | 'password.changed'
  | 'email.change_requested'
  | 'email.change_cancelled'
  | 'email.change_failed'
  | 'email.changed'
  | 'profile.changed'
  | 'account.deleted';

type Event = {
  id?: string;
  /** A kind, or an SQL expression that chooses between kinds. */
  kind: EventKind | SQL;
  caller: Caller;
  at: Date;
  userId?: SQL;
  sessionId?: SQL;
  reason?: SQL;
};

const NULL = sql`NULL`;

/** `INSERT ... SELECT`, to stand in a CTE; `from` is the FROM clause that says whether the event happened. */
export function insertEvent(event: Event, from: SQL = sql``): SQL {
  const { id = uuidv7(), kind, caller, at, userId = NULL, sessionId = NULL, reason = NULL } = event;
  return sql`
    INSERT INTO security_events
      (id, kind, user_id, session_id, reason, client, user_agent, request_id, occurred_at)
    SELECT ${id}::uuid, ${kind}, ${userId}::uuid, ${sessionId}::uuid, ${reason}::text, ${caller.client}::text,
      ${caller.userAgent}::text, ${caller.requestId}::text, ${instant(at)}
    ${from}`;
}
