/**
 * A client network that is over its limit, because it has used up its own budget, or its neighbours have used up theirs
 * together. It is refused, and nothing else changes: other networks get in. When the neighbours are the reason, known devices do too.
 */
import { inject } from 'vitest';
import type { GlobalLimitName } from '../../src/config/limits.ts';
import { clientNetwork } from '../../src/lib/client-network.ts';
import { windowOf } from '../../src/lib/windows.ts';
import { networkOf } from './client.ts';
import type { Model } from './model.ts';
import { PLENTY_OF } from './shared-app.ts';
import type { Trips, World } from './world.ts';

type ByWhom = 'client' | 'neighbours';
export type UseUp = { do: 'useUp'; limit: 'signup' | 'login' | 'forgot'; from: number; by: ByWhom };

/** As if it had sent so many: its counter says so. */
export async function useUp(world: World, { limit, from, by }: UseUp): Promise<void> {
  const network = clientNetwork(networkOf(world.addresses, from, false));
  if (network === undefined) throw new Error('a device without a network');
  const isWide = by === 'neighbours';
  const demand = {
    ...PLENTY_OF,
    name: isWide ? `${limit}-wide` : limit,
    key: isWide ? network.wide : network.client,
  };
  const { UPSTASH_REDIS_REST_URL } = inject('env');
  // Also the next window: this one may end before the request comes.
  for (const at of [Date.now(), Date.now() + PLENTY_OF.seconds * 1_000]) {
    const { ok } = await fetch(UPSTASH_REDIS_REST_URL, {
      method: 'POST',
      headers: { Authorization: 'Bearer histories', 'Content-Type': 'application/json' },
      body: JSON.stringify(['SET', `limit:${windowOf(demand, at).key}`, String(8 * PLENTY_OF.count)]),
    });
    if (!ok) throw new Error('the counter was not set');
  }
  world.usedUp.add(nameOf(limit, from, by));
}

/** What a request has to be refused by: `refused` of its command. */
export function refusedBy(
  world: World,
  limit: GlobalLimitName,
  { from, roams = false, isKnown = false }: { from: number; roams?: boolean; isKnown?: boolean },
  counted?: (m: Model) => Trips,
): { refused?: { counted?: (m: Model) => Trips } } {
  const isUsedUp = (by: ByWhom) => !roams && world.usedUp.has(nameOf(limit, from, by));
  if (!isUsedUp('client') && (isKnown || !isUsedUp('neighbours'))) return {};
  return { refused: counted ? { counted } : {} };
}

const nameOf = (limit: GlobalLimitName, from: number, by: ByWhom) => `${limit} of ${from} by ${by}`;
