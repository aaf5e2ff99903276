/**
 * Spends limits: counts a request against each, and refuses it when one is used up. Nothing is silently unlimited:
 * while Redis is down a limit falls back to Postgres or lets pass, as its row in limits.ts says.
 */
import type { LimitName } from '../config/limits.ts';
import type { Deps } from '../deps.ts';
import type { Demand, Standing } from '../ports/limiter.ts';
import { Refusal } from '../refusal.ts';
import { takeFallback } from '../store/rate-limits.ts';
import { limits } from './limits.ts';

/** One use of a limit. `times` widens the budget for a key that many share. */
export type Use = { limit: LimitName; key: string; times?: number };

/**
 * The headers that say how far the budgets are used (draft-ietf-httpapi-ratelimit-headers).
 * @throws Refusal `rate_limited`
 */
export async function spend(deps: Deps, uses: readonly Use[]): Promise<Record<string, string>> {
  const demands = uses.flatMap((use) => demandsOf(deps, use));
  const standings = await deps.limiter.take(demands);
  if (standings !== 'down') return settle(demands, standings);

  deps.degraded('limiter.degraded');
  const kept = uses.filter(({ limit }) => limits[limit].whenDown === 'postgres');
  if (kept.length === 0) return {};
  const keptDemands = kept.flatMap((use) => demandsOf(deps, use));
  return settle(keptDemands, await takeFallback(deps.db, keptDemands, deps.now()));
}

function demandsOf({ config }: Deps, { limit, key, times = 1 }: Use): Demand[] {
  return config.limits[limit].map(({ count, seconds }) => ({
    name: times === 1 ? limit : `${limit}-wide`,
    key,
    count: count * times,
    seconds,
  }));
}

function settle(demands: Demand[], standings: Standing[]): Record<string, string> {
  const told = standings.flatMap((standing, index) => {
    const demand = demands[index];
    const isTold = demand && (!standing.fits || !demand.name.endsWith('-wide'));
    return isTold
      ? [{ ...demand, ...standing, resetIn: Math.max(Math.ceil(standing.resetInMs / 1_000), 1) }]
      : [];
  });
  const refusing = told.filter(({ fits }) => !fits);
  const headers = {
    'RateLimit-Policy': told.map((one) => `${policy(one)};q=${one.count};w=${one.seconds}`).join(', '),
    RateLimit: told.map((one) => `${policy(one)};r=${one.remaining};t=${one.resetIn}`).join(', '),
  };
  if (refusing.length === 0) return headers;
  const retryAfter = Math.max(...refusing.map(({ resetIn }) => resetIn));
  throw new Refusal('rate_limited', {
    reason: refusing.map(({ name }) => name).join(' '),
    headers: { ...headers, 'Retry-After': String(retryAfter) },
  });
}

/** A structured-field string (RFC 9651 section 3.3.3); the window tells two budgets of one limit apart. */
const policy = ({ name, seconds }: Demand) => `"${name}-${seconds}"`;
