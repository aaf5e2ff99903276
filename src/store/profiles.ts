/** The profile of the person who asks. */
import { sql } from 'drizzle-orm';
import type { z } from 'zod';
import type { Bearer, Caller } from '../caller.ts';
import type { Db } from './db.ts';
import { event } from './events.ts';
import { isLiveSession } from './live-session.ts';
import { column, run, statement } from './statement.ts';

/** The columns of a profile. */
const profile = {
  id: column.uuid,
  email: column.text,
  name: column.text,
  createdAt: column.instant,
};

export type Profile = z.output<z.ZodObject<typeof profile>>;

/** The account of the bearer. Undefined when the session has ended. */
export async function findProfile(db: Db, bearer: Bearer, now: Date): Promise<Profile | undefined> {
  const select = sql`
    SELECT id, email, name, created_at AS "createdAt" FROM users
    WHERE id = ${bearer.userId}::uuid AND ${isLiveSession(bearer, now)}`;
  const [person] = await run(db, statement({ select, row: profile }));
  return person;
}

/** Changes the name; undefined when the session has ended. */
export async function rename(
  db: Db,
  bearer: Bearer,
  name: string,
  caller: Caller,
  now: Date,
): Promise<Profile | undefined> {
  const renamed = statement({
    parts: {
      person: sql`
        UPDATE users SET name = ${name} WHERE id = ${bearer.userId}::uuid AND ${isLiveSession(bearer, now)}
        RETURNING id, email, name, created_at`,
      changed: event(
        { kind: 'profile.changed', caller, at: now, userId: sql`id`, sessionId: sql`${bearer.sessionId}` },
        sql`FROM person`,
      ),
    },
    select: sql`SELECT id, email, name, created_at AS "createdAt" FROM person`,
    row: profile,
  });
  const [person] = await run(db, renamed, { caller });
  return person;
}
