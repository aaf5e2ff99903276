/**
 * The security events of one person, newest first, page by page. The id of the last event of a page leads to the next
 * page.
 */
import { sql } from 'drizzle-orm';
import * as z from 'zod';
import type { Bearer } from '../caller.ts';
import { eventKinds } from '../event-kinds.ts';
import type { Db } from './db.ts';
import { isLiveSession } from './live-session.ts';
import { column, run, statement } from './statement.ts';

const pastEvent = {
  id: column.uuid,
  kind: z.enum(eventKinds),
  at: column.instant,
  client: column.text.nullable(),
  userAgent: column.text.nullable(),
};

export type PastEvent = z.output<z.ZodObject<typeof pastEvent>>;

/**
 * At most `limit` events that are older than the event `before`. Undefined when the session has ended. Ids are in the
 * order of time.
 */
export async function listEvents(
  db: Db,
  bearer: Bearer,
  { limit, before }: { limit: number; before: string | undefined },
  now: Date,
): Promise<PastEvent[] | undefined> {
  const page = statement({
    parts: {
      bearer: sql`SELECT WHERE ${isLiveSession(bearer, now)}`,
      page: sql`
        SELECT id, kind, occurred_at AS at, client, user_agent AS "userAgent" FROM security_events
        WHERE user_id = ${bearer.userId}::uuid
          AND id < COALESCE(${before ?? null}::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        ORDER BY id DESC LIMIT ${limit}`,
    },
    select: sql`SELECT to_jsonb(page) AS event FROM bearer LEFT JOIN page ON true ORDER BY page.id DESC`,
    row: { event: z.object(pastEvent).nullable() },
  });
  const rows = await run(db, page);
  if (rows.length === 0) return undefined;
  return rows.flatMap(({ event }) => event ?? []);
}
