/** What is outside of /api/v1/auth: health, keys, and the sessions that ended. Their answers have no limits, and the latter two no envelope. */
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { pascal, problemSchema, refusalResponse, success } from './answers.ts';
import { headersNamed } from './headers.ts';
import { component } from './notes.ts';

export const service = {
  name: 'Service',
  description: 'Health, and what other services need to verify access tokens.',
};

const state = z.enum(['ok', 'down']);
const checks = z.object({
  checks: z.object({ database: state, redis: state, mail: state, passkeys: state }),
});
const ALL_UP = { checks: { database: 'ok', redis: 'ok', mail: 'ok', passkeys: 'ok' } };

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

const READINESS = `Checks the database, Redis, the mail backlog, and whether passkeys belong to the configured domain, each for at most a second. The answer is kept for a few
seconds. It is 503 while any of them is \`down\`; \`checks\` says which.`;

const KEYS = `A JWK set (RFC 7517) for APIs that take our access tokens. Keep it for as long as its Cache-Control says. Fetch
it again for a \`kid\` that it does not have, but not more often. Tokens are \`at+jwt\` (RFC 9068). Check \`alg\` ES256,
\`typ\`, \`iss\`, \`aud\` and \`exp\`, and identify people by \`sub\`, never by their address.`;

const REVOKED = `For services that verify access tokens by themselves: the sessions that ended within the life of an access
token. It is a compact JWS (ES256, \`typ\` \`revoked-sessions+jwt\`, a \`kid\` of the key set) with \`iss\`, \`iat\`, and \`exp\` 30
seconds later. \`revoked\` has the first 12 bytes of the SHA-256 of each \`sid\`, as 16 characters of base64url, without
separators. If there is a \`notBefore\`, refuse every token that was issued (\`iat\`) before it. Fetch the list every 4
seconds while there is work, and refuse one that is older than the last.`;

const RELATED = `Related Origin Requests (WebAuthn Level 3 section 5.11): browsers let pages of these origins use the passkeys of
this host. Served only when this host is the domain of the passkeys (\`RP_ID\`). When that is another host, serve this
answer there.`;

const common = { method: 'get' as const, tags: [service.name], security: [] };

export function registerService(registry: OpenAPIHono['openAPIRegistry']): void {
  component(checks.shape.checks, 'Checks', 'The dependencies, and whether each one answers.');
  registry.register(pascal('not_ready'), problemSchema('service_unavailable', checks.shape));
  registry.registerPath({
    ...common,
    path: '/health/live',
    operationId: 'getLiveness',
    summary: 'Whether the service runs',
    description: 'Checks no dependency. For a probe that restarts or removes an instance that does not run.',
    responses: { 200: success('getLiveness', 'Alive.', z.null(), null) },
  });
  for (const [path, operationId] of [
    ['/health/ready', 'getReadiness'],
    ['/health', 'getHealth'],
  ] as const) {
    registry.registerPath({
      ...common,
      path,
      operationId,
      summary: 'Whether the service can do its work',
      description: READINESS.replaceAll('\n', ' '),
      responses: {
        200: success('getReadiness', 'Ready.', checks, ALL_UP),
        503: {
          description: 'A dependency is down.',
          headers: headersNamed('Retry-After', 'Server-Timing'),
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/NotReady' } } },
        },
      },
    });
  }
  registerVerification(registry);
}

/** RFC 7517, appendix A.1. */
const KEY_SET = {
  keys: [
    {
      kty: 'EC',
      crv: 'P-256',
      alg: 'ES256',
      use: 'sig',
      kid: '1',
      x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
      y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
    },
  ],
};

function registerVerification(registry: OpenAPIHono['openAPIRegistry']): void {
  registry.registerPath({
    ...common,
    path: '/.well-known/webauthn',
    operationId: 'getRelatedOrigins',
    summary: 'The pages that may use passkeys of this host',
    description: RELATED.replaceAll('\n', ' '),
    responses: {
      200: {
        description: 'The origins.',
        headers: headersNamed('Cache-Control', 'Server-Timing'),
        content: {
          'application/json': {
            schema: z.object({ origins: z.array(z.url()) }),
            example: { origins: ['https://app.example.com'] },
          },
        },
      },
      404: refusalResponse(['not_found'], []),
    },
  });
  registry.registerPath({
    ...common,
    path: '/.well-known/jwks.json',
    operationId: 'getKeySet',
    summary: 'The keys that verify access tokens',
    description: KEYS.replaceAll('\n', ' '),
    responses: {
      200: {
        description: 'The key set.',
        headers: headersNamed('Cache-Control', 'Server-Timing'),
        content: { 'application/json': { schema: keySet, example: KEY_SET } },
      },
    },
  });
  registry.registerPath({
    ...common,
    path: '/.well-known/revoked-sessions',
    operationId: 'getRevokedSessions',
    summary: 'The sessions that ended lately',
    description: REVOKED.replaceAll('\n', ' '),
    responses: {
      200: {
        description: 'The signed list.',
        headers: headersNamed('Cache-Control', 'Server-Timing'),
        content: {
          'application/jwt': { schema: z.string(), example: 'eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl' },
        },
      },
      500: refusalResponse(['internal_error'], []),
      503: refusalResponse(['service_unavailable'], []),
    },
  });
}
