/** The limits of an endpoint, spent for whoever calls it; every answer then says how far they are used. */
import type { LimitName } from '../config/limits.ts';
import { limits, NO_ADDRESS } from '../guard/limits.ts';
import { judge, type Use } from '../guard/throttle.ts';
import type { ClientNetwork } from '../lib/client-network.ts';
import type { Bearer } from '../store/users.ts';
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
  const uses = names.flatMap((name) => usesOf(name, c.get('network'), bearer));
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

function usesOf(limit: LimitName, network: ClientNetwork | undefined, bearer: Bearer | undefined): Use[] {
  const { by, whenDown } = limits[limit];
  if (by === 'session') return bearer ? [{ limit, key: bearer.sessionId }] : [];
  const own: Use = { limit, key: network?.client ?? NO_ADDRESS };
  // Where guesses or mails are at stake, moving about in one's own network gains eight budgets, not 65,536.
  return network && whenDown === 'postgres' ? [own, { limit, key: network.wide, scope: 'wide' }] : [own];
}
