/**
 * Races in a chosen order: a person's row is held from outside the app, requests are sent one after the other and
 * each waited for until it stands at the database, then the row is let go and they are served in that order.
 */
import { expect } from 'vitest';
import { query, resetTrips, trips } from './control-client.ts';
import type { Answer, Gatehouse } from './gatehouse.ts';

const HOLD_SECONDS = 2.5;

/** A request, and how many trips it has made once it stands at the database for its decisive one. */
export type Queued = { send: () => Promise<Answer>; trips: number };

/** The answers, in the order given. */
export async function inThisOrder(gatehouse: Gatehouse, email: string, queued: Queued[]): Promise<Answer[]> {
  await resetTrips(gatehouse.name);
  const held = query(
    `WITH person AS MATERIALIZED (SELECT id FROM users WHERE email = $1 AND email_verified_at IS NOT NULL FOR NO KEY UPDATE)
     SELECT pg_sleep(${HOLD_SECONDS}) FROM person`,
    [email],
  );
  await new Promise((resolve) => setTimeout(resolve, 100));
  const answers: Promise<Answer>[] = [];
  let made = 0;
  for (const { send, trips: needed } of queued) {
    answers.push(send());
    made += needed;
    const reached = made;
    await expect
      .poll(async () => (await trips(gatehouse.name)).count, { timeout: 2_000, interval: 10 })
      .toBe(reached);
    // Counted on its way in: a moment more and it waits for the row.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await held;
  return Promise.all(answers);
}
