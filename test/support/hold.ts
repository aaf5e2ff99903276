/**
 * Races in a chosen order: a person's row is held from outside the app, requests are sent one after the other and
 * each waited for until it stands at the database, then the row is let go and they are served in that order.
 */
import { expect } from 'vitest';
import { query, resetTrips, trips } from './control-client.ts';
import type { Answer, Gatehouse } from './gatehouse.ts';

/** Longer than any machine needs; the row is let go as soon as all requests wait. */
const HOLD_SECONDS = 25;

/** A request, and how many trips it has made once it stands at the database for its decisive one. */
export type Queued = { send: () => Promise<Answer>; trips: number };

/** The answers, in the order given. */
export async function inThisOrder(gatehouse: Gatehouse, email: string, queued: Queued[]): Promise<Answer[]> {
  await resetTrips(gatehouse.name);
  const held = await holdPerson(email);
  const answers: Promise<Answer>[] = [];
  let made = 0;
  for (const { send, trips: needed } of queued) {
    answers.push(send());
    made += needed;
    const reached = made;
    await expect
      .poll(async () => (await trips(gatehouse.name)).count, { timeout: 5_000, interval: 10 })
      .toBe(reached);
    // Counted on its way in: a moment more and it waits for the row.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await held.letGo();
  return Promise.all(answers);
}

async function holdPerson(email: string): Promise<{ letGo(): Promise<void> }> {
  const name = `hold ${crypto.randomUUID()}`;
  const sleeping = query(
    `WITH person AS MATERIALIZED (SELECT id FROM users WHERE email = $1 AND email_verified_at IS NOT NULL FOR NO KEY UPDATE)
     SELECT pg_sleep(${HOLD_SECONDS}) FROM person -- ${name}`,
    [email],
  ).catch(() => {}); // It ends by being cancelled.
  const holder = `FROM pg_stat_activity WHERE query LIKE '%-- ${name}' AND wait_event = 'PgSleep'`;
  await expect.poll(() => query(`SELECT pid ${holder}`), { timeout: 5_000, interval: 10 }).toHaveLength(1);
  return {
    async letGo() {
      await query(`SELECT pg_cancel_backend(pid) ${holder}`);
      await sleeping;
    },
  };
}
