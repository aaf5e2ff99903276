/**
 * Fixed windows, counted alike in Redis and in Postgres: a request counts for all that it demands, or, when one of
 * them is used up, for none. So what a client's own limit refuses is never charged to its neighbours.
 */

/** One use to be counted against one window of one key. */
export type Demand = { name: string; key: string; count: number; seconds: number };

/** Where the window of a demand stands after it. */
export type Standing = { fits: boolean; remaining: number; resetInMs: number };

/** The name of the window at `now` (milliseconds), and the moment it is over. A name is never used again. */
export function windowOf({ name, key, seconds }: Demand, now: number): { key: string; resetAt: number } {
  const length = seconds * 1_000;
  const number = Math.floor(now / length);
  return { key: `${name}:${seconds}:${number}:${key}`, resetAt: (number + 1) * length };
}

/** `used` is what the window held before the request; `isCounted` whether all demands of the request had room. */
export function standingOf<D extends Demand>(
  demand: D,
  used: number,
  isCounted: boolean,
  now: number,
): D & Standing {
  return {
    ...demand,
    fits: used < demand.count,
    remaining: Math.max(demand.count - used - (isCounted ? 1 : 0), 0),
    resetInMs: windowOf(demand, now).resetAt - now,
  };
}
