/**
 * Counters at the edge, which cost no trip. On Cloudflare the rate-limit binding counts, separately for each location
 * and not quite exactly. Without the binding (plain workerd, tests) this process counts for itself. Neither limits the
 * whole world; ports/limiter.ts does.
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
  /** Counts one use. False when the budget was used up already. */
  take(limit: EdgeLimitName, key: string): Promise<boolean>;
};

type Counter = (key: string) => boolean | Promise<boolean>;

const MAX_COUNTED = 10_000;

/**
 * Made once for each isolate.
 * @throws Error when LIMITS changes a limit that a binding counts: that budget is in wrangler.toml
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
          // Such an endpoint needs a token of ours, asks nothing, or has a global limit too.
          degraded('edge_limiter.degraded');
          return true;
        },
      );
  };
  const counters = new Map(edgeLimitNames.map((name) => [name, counterOf(name)]));
  return { take: async (limit, key) => (await counters.get(limit)?.(key)) ?? true };
}

const BOUND = 'its budget is in src/config/limits.ts and in wrangler.toml';

/**
 * Fixed windows in the memory of this process. When there are too many, all are deleted: memory must stay bounded.
 */
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
