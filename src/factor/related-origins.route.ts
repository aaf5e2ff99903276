/**
 * /.well-known/webauthn (WebAuthn Level 3 section 5.11): the origins that may use passkeys of this host, for pages on
 * other domains. Browsers ask only the host that is the RP ID, so it is served nowhere else.
 */
import type { Hono } from 'hono';
import { relyingParty } from '../config/relying-party.ts';
import type { AppEnv } from '../http/context.ts';
import { Refusal } from '../refusal.ts';

const MAX_AGE = 3_600;

export function mountRelatedOrigins(app: Hono<AppEnv>): void {
  app.get('/.well-known/webauthn', (c) => {
    const { rpId, origins } = relyingParty(c.get('deps').config);
    if (new URL(c.req.url).hostname !== rpId) throw new Refusal('not_found', { reason: 'not_rp_id' });
    const pages = origins.filter((origin) => /^https?:/.test(origin));
    return c.json({ origins: pages }, 200, { 'Cache-Control': `public, max-age=${MAX_AGE}` });
  });
}
