/** The limits of an endpoint, spent for whoever calls it; every answer then says how far they are used. */
import type { LimitName } from '../config/limits.ts';
import { limits, NO_ADDRESS, WIDE_FACTOR } from '../guard/limits.ts';
import { spend, type Use } from '../guard/throttle.ts';
import type { ClientNetwork } from '../lib/client-network.ts';
import type { Bearer } from '../store/users.ts';
import type { AppContext } from './context.ts';

/** @throws Refusal `rate_limited` */
export async function spendLimits(
  c: AppContext,
  names: readonly LimitName[],
  bearer?: Bearer | undefined,
): Promise<void> {
  const uses = names.flatMap((name) => usesOf(name, c.get('network'), bearer));
  const headers = await spend(c.get('deps'), uses);
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
}

function usesOf(limit: LimitName, network: ClientNetwork | undefined, bearer: Bearer | undefined): Use[] {
  const { by, whenDown } = limits[limit];
  if (by === 'session') return bearer ? [{ limit, key: bearer.sessionId }] : [];
  const own: Use = { limit, key: network?.client ?? NO_ADDRESS };
  // Where guesses or mails are at stake, moving about in one's own network gains eight budgets, not 65,536.
  return network && whenDown === 'postgres' ? [own, { limit, key: network.wide, times: WIDE_FACTOR }] : [own];
}
