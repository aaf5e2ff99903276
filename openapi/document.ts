/**
 * The OpenAPI document, made from the endpoints' declarations (src/app.ts) and the words on them. It is made by
 * `npm run openapi`, kept as docs/openapi.json, and served from there: no part of this folder is in the Worker.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OpenAPIHono } from '@hono/zod-openapi';
import { BASE_PATH, endpoints } from '../src/app.ts';
import { isEdgeLimit } from '../src/config/limits.ts';
import type { Endpoint } from '../src/http/endpoint.ts';
import { possibleRefusals } from '../src/http/possible-refusals.ts';
import { type RefusalCode, refusals } from '../src/refusal.ts';
import { root } from '../tooling/paths.ts';
import { pascal, problemSchema, refusalResponse, success } from './answers.ts';
import { describeFields } from './fields.ts';
import { cookies, headers, securitySchemes } from './headers.ts';
import { registerService, service } from './service.ts';
import { account } from './words/account.ts';
import { emailAddress } from './words/email-address.ts';
import { factors } from './words/factors.ts';
import { passkeys } from './words/passkeys.ts';
import { password } from './words/password.ts';
import { session } from './words/session.ts';
import { signUp } from './words/sign-up.ts';
import type { AllWords, Group } from './words/words.ts';

type Registry = OpenAPIHono['openAPIRegistry'];
type Route = Parameters<Registry['registerPath']>[0];

const groups = [signUp, session, password, factors, passkeys, account, emailAddress] satisfies Group[];

/** An endpoint whose words are in no group does not compile. */
const words: AllWords = {
  ...signUp.operations,
  ...session.operations,
  ...password.operations,
  ...factors.operations,
  ...passkeys.operations,
  ...account.operations,
  ...emailAddress.operations,
};

const LIMIT_HEADERS = ['RateLimit', 'RateLimit-Policy'];

const INFO = `Auth at the edge. Successes are \`{status, message, data}\`; failures are \`application/problem+json\` (RFC 9457),
each with a stable \`code\`. Times are ISO 8601 UTC, ids are UUIDv7. A web page of another origin may call only if its
origin is allowed.`;

export function buildDocument(): object {
  const app = new OpenAPIHono();
  const registry = app.openAPIRegistry;
  describeFields();
  for (const [name, scheme] of Object.entries(securitySchemes))
    registry.registerComponent('securitySchemes', name, scheme);
  for (const [name, header] of Object.entries(headers)) registry.registerComponent('headers', name, header);
  for (const [name, cookie] of Object.entries(cookies))
    registry.registerComponent('parameters', name, cookie);
  registerProblems(registry);
  for (const endpoint of endpoints) registry.registerPath(routeOf(endpoint));
  registerService(registry);
  const { version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Gatehouse',
      version,
      license: { name: license, identifier: license } as { name: string },
      description: INFO.replaceAll('\n', ' '),
    },
    servers: [{ url: '/' }],
    tags: [...groups, service].map(({ name, description }) => ({ name, description })),
  });
}

/** One response for each set of codes that answers of some endpoint share a status by. */
function registerProblems(registry: Registry): void {
  const sets = new Map(
    endpoints.flatMap((endpoint) => [...byStatus(endpoint)].map(([, codes]) => [nameOf(codes), codes])),
  );
  for (const code of new Set([...sets.values()].flat())) registry.register(pascal(code), problemSchema(code));
  for (const [name, codes] of sets)
    registry.registerComponent('responses', name, refusalResponse(codes, LIMIT_HEADERS));
}

const byStatus = (endpoint: Endpoint) =>
  Map.groupBy(possibleRefusals(endpoint), (code) => refusals[code].status);
const nameOf = (codes: RefusalCode[]) => codes.map(pascal).join('Or');

function routeOf(endpoint: Endpoint): Route {
  const { method, path, message, body, params, query, headers: sent, data, guard, limits } = endpoint;
  const name = `${method.toUpperCase()} ${path}` as keyof AllWords;
  const {
    operationId,
    summary,
    description,
    requests,
    answer,
    cookies: own,
  } = words[name] as AllWords['POST /login'];
  const failures = [...byStatus(endpoint)].map(
    ([status, codes]) => [status, { $ref: `#/components/responses/${nameOf(codes)}` }] as const,
  );
  return {
    method,
    path: BASE_PATH + path.replace(/:(\w+)/g, '{$1}'),
    operationId,
    tags: groups.filter(({ operations }) => name in operations).map((group) => group.name),
    summary,
    description,
    security:
      guard === 'secured' ? [{ accessToken: [] }] : own?.authenticate ? [{ refreshCookie: [] }, {}] : [],
    ...(own?.takes && {
      parameters: own.takes.map((cookie) => ({ $ref: `#/components/parameters/${cookie}` })),
    }),
    request: {
      ...(params && { params }),
      ...(query && { query }),
      ...(sent && { headers: sent }),
      ...(body && {
        body: { required: true, content: { 'application/json': { schema: body, ...examples(requests) } } },
      }),
    },
    responses: {
      200: success(operationId, message, data, answer, [
        ...(limits.every(isEdgeLimit) ? [] : LIMIT_HEADERS),
        ...(own?.sets ? ['Set-Cookie'] : []),
      ]),
      ...Object.fromEntries(failures),
    },
  } as Route;
}

const examples = (requests: Record<string, unknown>) => ({
  examples: Object.fromEntries(Object.entries(requests).map(([name, value]) => [name, { value }])),
});
