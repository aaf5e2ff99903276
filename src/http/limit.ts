/**
 * Spends the limits of an endpoint for its caller. Limits at the edge come first, since they cost no trip. Every
 * answer then says how much of the global ones is used.
 */
import type { Bearer } from '../caller.ts';
import { type EdgeLimitName, type GlobalLimitName, isEdgeLimit, type LimitName } from '../config/limits.ts';
import { countsSessions, NO_ADDRESS } from '../guard/limits.ts';
import { type EdgeUse, isKnownUsedUp, judge, spendAtEdge, type Use } from '../guard/throttle.ts';
import type { ClientNetwork } from '../lib/client-network.ts';
import type { AppContext } from './context.ts';

type Caller = {
  bearer?: Bearer | undefined;
  /**
   * The account that the caller has shown to belong to, by a token of ours. It is only asked for when the neighbours
   * of the client have used up a limit. The caller then spends a budget of that account instead.
   */
  accountOf?: () => Promise<string | undefined>;
};

/** @throws Refusal `rate_limited` */
export async function spendLimits(
  c: AppContext,
  names: readonly LimitName[],
  caller?: Caller,
): Promise<void> {
  const { spendRest } = await spendFreeLimits(c, names, caller);
  await spendRest();
}

/**
 * Spends the limits that cost no trip. `spendRest` spends the others, once, however often it is called.
 * @throws Refusal `rate_limited`, also when another limit is already known to be used up
 */
export async function spendFreeLimits(
  c: AppContext,
  names: readonly LimitName[],
  { bearer, accountOf }: Caller = {},
): Promise<{ spendRest: () => Promise<void> }> {
  const [deps, network] = [c.get('deps'), c.get('network')];
  const atEdge = names.filter(isEdgeLimit).flatMap((limit) => usesAtEdge(limit, network, bearer));
  await spendAtEdge(deps, atEdge);
  const uses = names.flatMap((limit) => (isEdgeLimit(limit) ? [] : usesOf(limit, network)));
  if (uses.length === 0) return { spendRest: async () => {} };
  let spending: Promise<void> | undefined;
  const spendRest = () => {
    spending ??= spendGlobally(c, uses, accountOf);
    return spending;
  };
  if (isKnownUsedUp(deps, uses)) await spendRest();
  return { spendRest };
}

async function spendGlobally(
  c: AppContext,
  uses: readonly Use[],
  accountOf: Caller['accountOf'],
): Promise<void> {
  let verdict = await judge(c.get('deps'), uses);
  const account = verdict.isCrowded ? await accountOf?.() : undefined;
  if (account !== undefined) {
    const known = uses.map((use) =>
      use.scope === 'wide' ? { ...use, scope: 'account' as const, key: account } : use,
    );
    verdict = await judge(c.get('deps'), known);
  }
  if (verdict.refusal) throw verdict.refusal;
  for (const [name, value] of Object.entries(verdict.headers)) c.header(name, value);
}

function usesAtEdge(
  limit: EdgeLimitName,
  network: ClientNetwork | undefined,
  bearer: Bearer | undefined,
): EdgeUse[] {
  if (!countsSessions(limit)) return [{ limit, key: network?.client ?? NO_ADDRESS }];
  return bearer ? [{ limit, key: bearer.sessionId }] : [];
}

/**
 * For limits on guesses and mails, the neighbourhood is counted too. So a client that moves about in its own network
 * gains eight budgets, and not 65,536.
 */
function usesOf(limit: GlobalLimitName, network: ClientNetwork | undefined): Use[] {
  const own: Use = { limit, key: network?.client ?? NO_ADDRESS };
  return network ? [own, { limit, key: network.wide, scope: 'wide' }] : [own];
}
