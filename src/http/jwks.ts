/** /.well-known/jwks.json (RFC 7517): the keys that verify our access tokens. Anyone may cache them. */
import type { Hono } from 'hono';
import { publishedKeys } from '../token/access.ts';
import type { AppEnv } from './context.ts';

/** How many seconds a verifier may keep the set. A next key must be published at least this long before it signs. */
const MAX_AGE = 300;

export function mountJwks(app: Hono<AppEnv>): void {
  app.get('/.well-known/jwks.json', (c) =>
    c.json({ keys: publishedKeys(c.get('deps').config.accessTokenKeys) }, 200, {
      'Cache-Control': `public, max-age=${MAX_AGE}`,
    }),
  );
}
