/** Ends the sessions of many people at once: of everybody, of those since a time, or of one client network. */
import { clientNetwork } from '../lib/client-network.ts';
import type { Acting } from '../store/admin-act.ts';
import { beginEnding, countSessions, endSessionBatch, type Which } from '../store/session-ends.ts';
import { type AdminDeps, checkActing, invalid } from './acting.ts';

const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** From so many on, the published list of ended sessions names a moment instead of each of them. */
const MARKED_FROM = 10_000;

/** Sessions that a request holds are passed over. They are met again in the next round. */
const MAX_ROUNDS = 10;

/** `sessions` and `people` are those of the start; `left` are sessions that some request held all the time. */
export type Ending = { sessions: number; people: number; ended: number; left: number };

/** The network as sessions keep it. @throws Refusal `validation_failed` */
export function networkOf(address: string): { client: string } {
  const network = clientNetwork(address);
  if (network === undefined) throw invalid('network', 'must be an IPv4 or IPv6 address of that network');
  return { client: network.client };
}

/**
 * Sessions that are opened meanwhile stay. `progress` is told how many have ended so far. When it stops in the middle,
 * what has ended stays ended, and the same call again ends the rest.
 *
 * @throws Refusal `validation_failed`
 */
export async function endSessions(
  deps: AdminDeps,
  which: Which,
  acting: Acting,
  progress: (ended: number) => void = () => {},
): Promise<Ending> {
  checkActing(acting);
  const begun = deps.now();
  const counted = await countSessions(deps.db, which, begun);
  await beginEnding(deps.db, 'everyone' in which || counted.sessions >= MARKED_FROM, acting, begun);
  let ended = 0;
  let left = counted.sessions;
  for (let round = 0; round < MAX_ROUNDS && left > 0; round++) {
    for (let after: string | null = FIRST_ID; after !== null; ) {
      const batch = await endSessionBatch(deps.db, which, after, acting, begun);
      ended += batch.ended;
      after = batch.last;
      progress(ended);
    }
    left = (await countSessions(deps.db, which, begun)).sessions;
  }
  return { ...counted, ended, left };
}
