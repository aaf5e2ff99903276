/** One page of the person's own security events, and the id that leads to the next page. */
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

/** Kinds of events that are failures, though their names do not end with `failed`. */
const FAILURES = new Set<EventKind>(['token.reuse_detected', 'login.throttled', 'password.disabled']);

/** @throws Refusal `invalid_token` */
export async function history(
  deps: Deps,
  bearer: Bearer,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ events: HistoryEntry[]; nextCursor: string | null }> {
  // One event more than requested shows whether there is a next page.
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
