/**
 * The limits of an endpoint, spent for whoever calls it: first what is counted at the edge, which costs no trip. Every
 * answer then says how far those are used that are counted globally.
 */
import type { Bearer } from '../caller.ts';
import { type EdgeLimitName, type GlobalLimitName, isEdgeLimit, type LimitName } from '../config/limits.ts';
import { countsSessions, NO_ADDRESS } from '../guard/limits.ts';
import { type EdgeUse, judge, spendAtEdge, type Use } from '../guard/throttle.ts';
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
  { bearer, accountOf }: Caller = {},
): Promise<void> {
  const network = c.get('network');
  await spendAtEdge(
    c.get('deps'),
    names.filter(isEdgeLimit).flatMap((limit) => usesAtEdge(limit, network, bearer)),
  );
  const uses = names.flatMap((limit) => (isEdgeLimit(limit) ? [] : usesOf(limit, network)));
  if (uses.length === 0) return;
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
