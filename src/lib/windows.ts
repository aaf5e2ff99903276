/**
 * Fixed windows, counted in the same way in Redis and in Postgres. A request counts for all of its demands, or for
 * none when one of them is used up. So a request that the limit of its own client refuses is never charged to the
 * neighbours.
 */

/** One use, to be counted in one window of one key. */
export type Demand = { name: string; key: string; count: number; seconds: number };

/** How the window of a demand stands after the request. */
export type Standing = { fits: boolean; remaining: number; resetInMs: number };

/** The name of the window at `now` (milliseconds), and when it ends. A name is never used again. */
export function windowOf({ name, key, seconds }: Demand, now: number): { key: string; resetAt: number } {
  const length = seconds * 1_000;
  const number = Math.floor(now / length);
  return { key: `${name}:${seconds}:${number}:${key}`, resetAt: (number + 1) * length };
}

/** `used` is the count before the request. `isCounted` says whether all demands of the request fitted. */
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
