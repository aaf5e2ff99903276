/**
 * Races in a chosen order: a person's row is held from outside the app, requests are sent one after the other and
 * each waited for until it stands at the database, then the row is let go and they are served in that order.
 */
import { expect } from 'vitest';
import { query, resetTrips, trips } from './control-client.ts';
import { type Answer, type Gatehouse, PATIENCE_MS } from './gatehouse.ts';

/** Longer than any machine needs; the row is let go as soon as all requests wait. */
const HOLD_SECONDS = PATIENCE_MS / 1_000;

/** A request, and how many trips it has made once it stands at the database for its decisive one. */
export type Queued<T> = { send: () => Promise<T>; trips: number };

/** The answers, in the order given. */
export async function inThisOrder<T = Answer>(
  gatehouse: Gatehouse,
  email: string,
  queued: Queued<T>[],
): Promise<T[]> {
  await resetTrips(gatehouse.name);
  const held = await holdPerson(email);
  const answers: Promise<T>[] = [];
  let made = 0;
  for (const { send, trips: needed } of queued) {
    answers.push(send());
    made += needed;
    const reached = made;
    await expect.poll(async () => (await trips(gatehouse.name)).count, { interval: 10 }).toBe(reached);
    await held.waitedForBy(answers.length);
  }
  await held.letGo();
  return Promise.all(answers);
}

export type Held = {
  /** Until so many connections wait for the rows, or for one another in turn. */
  waitedForBy(count: number): Promise<void>;
  letGo(): Promise<void>;
};

const holdPerson = (email: string) =>
  hold('SELECT id FROM users WHERE email = $1 AND email_verified_at IS NOT NULL FOR NO KEY UPDATE', [email]);

/** Holds the rows that `select` locks until they are let go. */
export async function hold(select: string, params: unknown[]): Promise<Held> {
  const name = `hold ${crypto.randomUUID()}`;
  const sleeping = query(
    `WITH held AS MATERIALIZED (${select}) SELECT pg_sleep(${HOLD_SECONDS}) FROM (SELECT count(*) FROM held) once -- ${name}`,
    params,
  ).catch(() => {}); // It ends by being cancelled.
  const holder = `FROM pg_stat_activity WHERE query LIKE '%-- ${name}' AND wait_event = 'PgSleep'`;
  await expect.poll(() => query(`SELECT pid ${holder}`), { interval: 10 }).toHaveLength(1);
  const waiting = async () => {
    const [row] = await query<{ count: number }>(
      `WITH RECURSIVE waiting AS (
         SELECT pid ${holder}
         UNION SELECT a.pid FROM pg_stat_activity a JOIN waiting w ON w.pid = ANY(pg_blocking_pids(a.pid)))
       SELECT count(*)::int - 1 AS count FROM waiting`,
    );
    return row?.count;
  };
  return {
    waitedForBy: (count) => expect.poll(waiting, { interval: 10 }).toBe(count),
    async letGo() {
      await query(`SELECT pg_cancel_backend(pid) ${holder}`);
      await sleeping;
    },
  };
}
