/** Requests that wait until the test lets them go on: those that came before that, and those that come after it. */
import type { BrowserContext, Page, Route } from 'playwright-core';
import { expect } from 'vitest';

type Answer = (route: Route) => Promise<void>;

export type Held = {
  /** How many have come. */
  count(): number;
  /** Waits until one has come, which a page may say before it is seen here. */
  arrives(): Promise<void>;
  /** Lets all go on to the service, or gives them this answer. Said again, it is for those that are yet to come. */
  open(answer?: Answer): void;
};

export async function hold(where: BrowserContext | Page, url: string): Promise<Held> {
  const { promise: opened, resolve } = Promise.withResolvers<void>();
  let answer: Answer;
  let count = 0;
  await where.route(url, async (route) => {
    count++;
    await opened;
    await answer(route);
  });
  return {
    count: () => count,
    arrives: () => expect.poll(() => count).toBeGreaterThan(0),
    open(given = (route) => route.continue()) {
      answer = given;
      resolve();
    },
  };
}
