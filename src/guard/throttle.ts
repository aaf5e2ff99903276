/**
 * Spends rate limits: counts a request against each limit, or refuses it when one is used up. When Redis is down,
 * counters in Postgres take over, so nothing becomes unlimited. Limits at the edge need neither of them.
 */
import type { EdgeLimitName, GlobalLimitName } from '../config/limits.ts';
import type { Deps } from '../deps.ts';
import type { Demand, Standing } from '../lib/windows.ts';
import { Refusal } from '../refusal.ts';
import { takeFallback } from '../store/rate-limits.ts';
import { WIDE_FACTOR } from './limits.ts';

/**
 * One use of a limit. Without a scope, `key` is the client or session that the limit counts. `wide` is the
 * neighbourhood of that client, which has several budgets together. `account` is the account of a known device: its
 * neighbours cannot hold it up.
 */
export type Use = { limit: GlobalLimitName; key: string; scope?: 'wide' | 'account' };

export type EdgeUse = { limit: EdgeLimitName; key: string };

export type Verdict = {
  /** How much of the budgets is used (draft-ietf-httpapi-ratelimit-headers). */
  headers: Record<string, string>;
  /** `rate_limited`, when a budget is used up. */
  refusal?: Refusal;
  /** Whether only the neighbours have used up the budget. */
  isCrowded: boolean;
};

type UseDemand = Demand & Use;

/**
 * Counts the request at the edge, without a trip. The edge does not know when a budget is free again, so `Retry-After`
 * is its whole window.
 */
export async function spendAtEdge({ edge, config }: Deps, uses: readonly EdgeUse[]): Promise<void> {
  for (const { limit, key } of uses) {
    if (await edge.take(limit, key)) continue;
    const wait = Math.max(...config.limits[limit].map(({ seconds }) => seconds));
    throw new Refusal('rate_limited', { reason: limit, headers: { 'Retry-After': String(wait) } });
  }
}

/** Whether a limit is already known to be used up, so that the request is refused without a trip. */
export const isKnownUsedUp = (deps: Deps, uses: readonly Use[]): boolean =>
  deps.limiter.knowsUsedUp(uses.flatMap((use) => demandsOf(deps, use)));

/** Counts the request, unless a limit refuses it. */
export async function judge(deps: Deps, uses: readonly Use[]): Promise<Verdict> {
  const demands = uses.flatMap((use) => demandsOf(deps, use));
  const standings = await deps.limiter.take(demands);
  if (standings !== 'down') return verdictOn(standings);

  deps.degraded('limiter.degraded');
  return verdictOn(await takeFallback(deps.db, demands, deps.now()));
}

const demandsOf = ({ config }: Deps, use: Use): UseDemand[] =>
  config.limits[use.limit].map(({ count, seconds }) => ({
    ...use,
    name: use.scope ? `${use.limit}-${use.scope}` : use.limit,
    count: use.scope === 'wide' ? count * WIDE_FACTOR : count,
    seconds,
  }));

function verdictOn(standings: (UseDemand & Standing)[]): Verdict {
  // The use of the neighbours is not shown, unless it holds up this client.
  const visible = standings
    .filter(({ fits, scope }) => !fits || scope !== 'wide')
    .map((one) => ({ ...one, resetIn: Math.max(Math.ceil(one.resetInMs / 1_000), 1) }));
  const headers = {
    'RateLimit-Policy': visible.map((one) => `${policy(one)};q=${one.count};w=${one.seconds}`).join(', '),
    RateLimit: visible.map((one) => `${policy(one)};r=${one.remaining};t=${one.resetIn}`).join(', '),
  };
  const refusing = visible.filter(({ fits }) => !fits);
  if (refusing.length === 0) return { headers, isCrowded: false };
  const isCrowded = refusing.every(({ scope }) => scope === 'wide');
  const refusal = new Refusal('rate_limited', {
    reason: refusing.map(({ name }) => name).join(' '),
    ...(isCrowded && { detail: CROWDED }),
    headers: { ...headers, 'Retry-After': String(Math.max(...refusing.map(({ resetIn }) => resetIn))) },
  });
  return { headers, refusal, isCrowded };
}

const CROWDED =
  'Others in your network have used up the limit of this route. Try again after the seconds in Retry-After. ' +
  'A login on a device that has logged in before is not held up by them.';

/** A structured-field string (RFC 9651 section 3.3.3); the window tells two budgets of one limit apart. */
const policy = ({ name, seconds }: Demand) => `"${name}-${seconds}"`;
