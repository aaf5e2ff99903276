/**
 * /.well-known/revoked-sessions: the sessions that ended while their access tokens may still be valid. It is for
 * services that verify tokens by themselves. Anyone may read it, like the JWKS; docs/threats.md says what it tells a
 * stranger.
 */
import type { Hono } from 'hono';
import type { Deps } from '../deps.ts';
import type { AppEnv } from '../http/context.ts';
import { shared } from '../lib/shared.ts';
import { later } from '../lib/time.ts';
import { listRevokedSessions } from '../store/revoked-sessions.ts';
import { signRevocations } from '../token/revocations.ts';

/** How old the list may be when it is sent. The isolate makes one trip in that time. */
const KEPT_SECONDS = 3;

/**
 * Added to the life of a token: for a verifier whose clock is behind, and for the time that the list needs to arrive.
 */
const SKEW_SECONDS = 60;

/** That is 800 KB of base64url. Sessions that ended before the newest ones are refused by time. */
const MAX_LISTED = 50_000;

type List = { madeAt: Date; token: string };

export function mountRevokedSessions(app: Hono<AppEnv>): void {
  const currentList = shared(makeList, {
    seconds: () => KEPT_SECONDS,
    abandonedMs: ({ config }: Deps) => 2 * config.databaseTimeoutMs,
  });
  app.get('/.well-known/revoked-sessions', async (c) => {
    const deps = c.get('deps');
    const { madeAt, token } = await currentList(deps);
    // A cache keeps it only for the rest of its time, so the list is never older for anybody.
    const age = (deps.now().getTime() - madeAt.getTime()) / 1_000;
    const left = Math.max(0, Math.floor(KEPT_SECONDS - age));
    return c.body(token, 200, {
      'Content-Type': 'application/jwt',
      'Cache-Control': `public, max-age=${left}`,
    });
  });
}

async function makeList({ db, config, now }: Deps): Promise<List> {
  // The time before the trip: a session that ends during the trip may be missing in the list.
  const madeAt = now();
  const since = later(madeAt, -config.accessTokenSeconds - SKEW_SECONDS);
  const { digests, unlistedUntil } = await listRevokedSessions(db, since, MAX_LISTED);
  const token = await signRevocations(config, { digests, notBefore: unlistedUntil ?? undefined }, madeAt);
  return { madeAt, token };
}
