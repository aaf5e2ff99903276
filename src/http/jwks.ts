/** /.well-known/jwks.json (RFC 7517): the keys that verify our access tokens, for anyone to cache. */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { publishedKeys } from '../token/access.ts';
import type { AppEnv } from './context.ts';

/** Seconds a verifier may keep the set; a next key must be published at least this long before it signs. */
const MAX_AGE = 300;

const PATH = '/.well-known/jwks.json';

const keySet = z.object({
  keys: z.array(
    z.object({
      kty: z.literal('EC'),
      crv: z.literal('P-256'),
      alg: z.literal('ES256'),
      use: z.literal('sig'),
      kid: z.string(),
      x: z.string(),
      y: z.string(),
    }),
  ),
});

export function mountJwks(app: OpenAPIHono<AppEnv>): void {
  app.openAPIRegistry.registerPath({
    method: 'get',
    path: PATH,
    summary: 'The keys that verify access tokens',
    description: `A JWK set (RFC 7517) for APIs that take our access tokens. Keep it for as long as its Cache-Control
      says, and fetch it again for a \`kid\` it does not have, but not more often than that. Tokens are \`at+jwt\` (RFC 9068):
      check \`alg\` ES256, \`typ\`, \`iss\`, \`aud\` and \`exp\`, and know people by \`sub\`, never by their address.`,
    responses: {
      200: { description: 'The key set.', content: { 'application/json': { schema: keySet } } },
    },
  });
  app.get(PATH, (c) =>
    c.json({ keys: publishedKeys(c.get('deps').config.accessTokenKeys) }, 200, {
      'Cache-Control': `public, max-age=${MAX_AGE}`,
    }),
  );
}
