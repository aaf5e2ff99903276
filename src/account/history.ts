/** Own security history: a page of it, and where the next one begins. */
import type { Bearer } from '../caller.ts';
import type { Deps } from '../deps.ts';
import type { EventKind } from '../event-kinds.ts';
import { describeDevice } from '../lib/device-name.ts';
import { sessionEnded } from '../refusal.ts';
import { listEvents } from '../store/history.ts';

export type HistoryEntry = {
  id: string;
  at: string;
  kind: EventKind;
  outcome: 'success' | 'failure';
  client: string | null;
  device: string | null;
};

/** Kinds that are not named after their failure and are one all the same. */
const FAILURES = new Set<EventKind>(['token.reuse_detected', 'login.throttled', 'password.disabled']);

/** @throws Refusal `invalid_token` */
export async function history(
  deps: Deps,
  bearer: Bearer,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ events: HistoryEntry[]; nextCursor: string | null }> {
  // One more than asked for tells whether there is a next page.
  const found = await listEvents(deps.db, bearer, { limit: limit + 1, before: cursor }, deps.now());
  if (found === undefined) throw sessionEnded();
  const page = found.slice(0, limit);
  return {
    events: page.map(({ id, at, kind, client, userAgent }) => ({
      id,
      at: at.toISOString(),
      kind,
      outcome: kind.endsWith('failed') || FAILURES.has(kind) ? 'failure' : 'success',
      client,
      device: describeDevice(userAgent),
    })),
    nextCursor: found.length > limit ? (page.at(-1)?.id ?? null) : null,
  };
}
