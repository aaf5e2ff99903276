/**
 * The limits of an endpoint, spent for whoever calls it: first what is counted at the edge, which costs no trip. Every
 * answer then says how far those are used that are counted globally.
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
   * The account that the caller has shown to belong to, by a token of ours. Asked for when the neighbours have used up
   * a limit: whoever is known then spends a client's budget of the account's instead of theirs.
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
 * Spends what costs no trip. The rest, which costs one, is spent by what this gives: once, however often it is called.
 * @throws Refusal `rate_limited`, also when the rest is known to be used up
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

/** Where guesses or mails are at stake, moving about in one's own network gains eight budgets, not 65,536. */
function usesOf(limit: GlobalLimitName, network: ClientNetwork | undefined): Use[] {
  const own: Use = { limit, key: network?.client ?? NO_ADDRESS };
  return network ? [own, { limit, key: network.wide, scope: 'wide' }] : [own];
}
