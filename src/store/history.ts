/** A person's own security events, newest first, paged by the id of the last one seen. */
import { sql } from 'drizzle-orm';
import type { Bearer } from '../caller.ts';
import type { EventKind } from '../event-kinds.ts';
import type { Db } from './db.ts';
import { isLiveSession } from './live-session.ts';

export type PastEvent = {
  id: string;
  kind: EventKind;
  at: Date;
  client: string | null;
  userAgent: string | null;
};

type EventRow = {
  id: string | null;
  kind: EventKind;
  occurred_at: string;
  client: string | null;
  user_agent: string | null;
};

/** At most `limit` events older than `before`; undefined when the session has ended. Ids are in order of time. */
export async function listEvents(
  db: Db,
  bearer: Bearer,
  { limit, before }: { limit: number; before: string | undefined },
  now: Date,
): Promise<PastEvent[] | undefined> {
  const { rows } = await db.execute<EventRow>(sql`
    SELECT e.id, e.kind, e.occurred_at::text, e.client, e.user_agent
    FROM (SELECT WHERE ${isLiveSession(bearer, now)}) bearer
    LEFT JOIN LATERAL (
      SELECT * FROM security_events
      WHERE user_id = ${bearer.userId}::uuid AND id < COALESCE(${before ?? null}::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
      ORDER BY id DESC LIMIT ${limit}
    ) e ON true`);
  if (rows.length === 0) return undefined;
  return rows.flatMap(({ id, kind, occurred_at, client, user_agent }) =>
    id === null ? [] : [{ id, kind, at: new Date(occurred_at), client, userAgent: user_agent }],
  );
}
