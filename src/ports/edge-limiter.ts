/**
 * Counters at the edge, which cost no trip. On Cloudflare the rate-limit binding counts, for each location apart and
 * not quite exactly; where it is not bound (plain workerd, tests), this process counts for itself alone. Neither is a
 * bound on what the whole world may do: that is ports/limiter.ts.
 */
import type { EdgeBindings } from '../config/bindings.ts';
import {
  changedAtEdge,
  type EdgeLimitName,
  edgeLimitNames,
  edgeLimits,
  type Limits,
} from '../config/limits.ts';
import type { Budget } from '../lib/budgets.ts';
import { windowOf } from '../lib/windows.ts';
import type { Degraded } from './degraded.ts';

export type EdgeLimiter = {
  /** Counts one use; false when the budget was used up already. */
  take(limit: EdgeLimitName, key: string): Promise<boolean>;
};

type Counter = (key: string) => boolean | Promise<boolean>;

const MAX_COUNTED = 10_000;

/**
 * Made once an isolate.
 * @throws Error when LIMITS changes a limit that a binding counts: that budget stands in wrangler.toml
 */
export function edgeLimiter(bindings: EdgeBindings, limits: Limits, degraded: Degraded): EdgeLimiter {
  const counterOf = (name: EdgeLimitName): Counter => {
    const bound = bindings[edgeLimits[name].binding];
    if (bound === undefined) return countInProcess(name, limits[name]);
    if (changedAtEdge(limits).includes(name)) throw new Error(`LIMITS changes ${name}: ${BOUND}.`);
    return (key) =>
      bound.limit({ key }).then(
        ({ success }) => success,
        () => {
          // Whatever it guards demands a token of ours, or is counted globally besides.
          degraded('edge_limiter.degraded');
          return true;
        },
      );
  };
  const counters = new Map(edgeLimitNames.map((name) => [name, counterOf(name)]));
  return { take: async (limit, key) => (await counters.get(limit)?.(key)) ?? true };
}

const BOUND = 'its budget stands in src/config/limits.ts and in wrangler.toml';

/** Fixed windows in the memory of this process. When there are too many, all are forgotten: memory is bounded first. */
function countInProcess(name: EdgeLimitName, budgets: readonly Budget[]): Counter {
  const used = new Map<string, number>();
  return (key) => {
    const windows = budgets.map((budget) => ({
      window: windowOf({ name, key, ...budget }, Date.now()).key,
      count: budget.count,
    }));
    if (windows.some(({ window, count }) => (used.get(window) ?? 0) >= count)) return false;
    if (used.size >= MAX_COUNTED) used.clear();
    for (const { window } of windows) used.set(window, (used.get(window) ?? 0) + 1);
    return true;
  };
}
