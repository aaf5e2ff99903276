/**
 * /.well-known/revoked-sessions: which sessions ended while tokens of theirs may still be alive, for services that only
 * verify tokens and ask nobody. Like the JWKS it is anyone's to read: what it tells a stranger is in docs/threats.md.
 */
import type { Hono } from 'hono';
import type { Deps } from '../deps.ts';
import type { AppEnv } from '../http/context.ts';
import { shared } from '../lib/shared.ts';
import { later } from '../lib/time.ts';
import { listRevokedSessions } from '../store/revoked-sessions.ts';
import { signRevocations } from '../token/revocations.ts';

/** How old the list may be that is handed out; the isolate makes one trip in that time. */
const KEPT_SECONDS = 3;

/** Past the end of a token: what a verifier's clock may be behind, and what it takes the list to arrive. */
const SKEW_SECONDS = 60;

/** 800 KB of base64url. What ended before the newest so many is refused by time. */
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
    // Whoever keeps it on the way keeps it for the rest of its time, so that it is never older for anybody.
    const age = (deps.now().getTime() - madeAt.getTime()) / 1_000;
    const left = Math.max(0, Math.floor(KEPT_SECONDS - age));
    return c.body(token, 200, {
      'Content-Type': 'application/jwt',
      'Cache-Control': `public, max-age=${left}`,
    });
  });
}

async function makeList({ db, config, now }: Deps): Promise<List> {
  // From before the trip: what ends during it may be missing, and the list does not claim to know.
  const madeAt = now();
  const since = later(madeAt, -config.accessTokenSeconds - SKEW_SECONDS);
  const { digests, unlistedUntil } = await listRevokedSessions(db, since, MAX_LISTED);
  const token = await signRevocations(config, { digests, notBefore: unlistedUntil ?? undefined }, madeAt);
  return { madeAt, token };
}
