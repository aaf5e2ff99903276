/** The document that is kept and served, against the declarations that it is made from. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { clientTypes, type Document } from '../../openapi/client-types.ts';
import { buildDocument } from '../../openapi/document.ts';
import { BASE_PATH, endpoints } from '../../src/app.ts';
import { eventKinds } from '../../src/event-kinds.ts';
import { possibleRefusals } from '../../src/http/possible-refusals.ts';
import { refusals } from '../../src/refusal.ts';
import { mailKinds } from '../../src/store/mail-kinds.ts';

const kept = readFileSync('docs/openapi.json', 'utf8');
const document = JSON.parse(kept);
const operations = Object.entries(document.paths as Record<string, Record<string, Operation>>).flatMap(
  ([path, methods]) => Object.entries(methods).map(([method, it]) => ({ ...it, name: `${method} ${path}` })),
);
type Operation = {
  operationId: string;
  tags: string[];
  security: Record<string, []>[];
  parameters?: { $ref?: string; name?: string }[];
  responses: Record<string, { $ref?: string; content?: Record<string, { schema: { $ref?: string } }> }>;
};
const schemas: Record<string, { properties: Record<string, { enum: unknown[] }>; enum: string[] }> =
  document.components.schemas;

test('docs/openapi.json is what `npm run openapi` makes', () => {
  expect(kept).toBe(`${JSON.stringify(buildDocument(), null, 2)}\n`);
});

test("the client's types are what `npm run openapi` makes of it", () => {
  const types = clientTypes(document as Document, BASE_PATH);
  expect(readFileSync('packages/client/src/contract.ts', 'utf8')).toBe(types);
});

test('it has every path that clients use, each with an id of its own and under one tag', () => {
  const names = endpoints.map(
    ({ method, path }) => `${method} ${BASE_PATH}${path.replace(/:(\w+)/g, '{$1}')}`,
  );
  const service = [
    '/health',
    '/health/live',
    '/health/ready',
    '/.well-known/jwks.json',
    '/.well-known/revoked-sessions',
    '/.well-known/webauthn',
  ];
  expect(operations.map(({ name }) => name).sort()).toEqual(
    [...names, ...service.map((path) => `get ${path}`)].sort(),
  );
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  const tags = document.tags.map(({ name }: { name: string }) => name);
  for (const operation of operations) {
    expect(operation.tags, operation.name).toHaveLength(1);
    expect(tags).toEqual(expect.arrayContaining(operation.tags));
  }
});

test('each refusal is a shape of its own, known by its code', () => {
  const all = new Set(endpoints.flatMap(possibleRefusals));
  for (const code of all) {
    const name = code.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
    expect(schemas[name]?.properties, code).toMatchObject({
      code: { enum: [code] },
      status: { enum: [refusals[code].status] },
      title: { enum: [refusals[code].title] },
    });
  }
  const refused = document.components.responses.EmailNotVerifiedOrOriginNotAllowedOrCrossSite;
  expect(refused.content['application/problem+json'].schema).toEqual({
    oneOf: [
      { $ref: '#/components/schemas/EmailNotVerified' },
      { $ref: '#/components/schemas/OriginNotAllowed' },
      { $ref: '#/components/schemas/CrossSite' },
    ],
    discriminator: {
      propertyName: 'code',
      mapping: {
        email_not_verified: '#/components/schemas/EmailNotVerified',
        origin_not_allowed: '#/components/schemas/OriginNotAllowed',
        cross_site: '#/components/schemas/CrossSite',
      },
    },
  });
  expect(Object.keys(schemas.EmailNotVerified?.properties ?? {})).toContain('id');
  expect(Object.keys(schemas.OriginNotAllowed?.properties ?? {})).not.toContain('id');
});

test('successes with the same data share one component, which names its data', () => {
  const of = (operationId: string) => {
    const answer = operations.find((it) => it.operationId === operationId)?.responses[200];
    return answer?.content?.['application/json']?.schema.$ref?.replace(/.*\//, '');
  };
  expect(['logOut', 'verifyEmail', 'resetPassword', 'getLiveness'].map(of)).toEqual(
    Array(4).fill('EmptyAnswer'),
  );
  expect(['getMe', 'renameMe', 'exportMe', 'logIn'].map(of)).toEqual([
    'UserAnswer',
    'UserAnswer',
    'ExportAnswer',
    'LogInAnswer',
  ]);
  for (const { operationId } of operations)
    if (!['getKeySet', 'getRevokedSessions', 'getRelatedOrigins'].includes(operationId))
      expect(Object.keys(schemas[of(operationId) ?? '']?.properties ?? {})).toEqual([
        'status',
        'message',
        'data',
      ]);
});

test('kinds are closed lists, and what travels beside the body is named', () => {
  expect(schemas.EventKind?.enum).toEqual([...eventKinds]);
  expect(schemas.MailKind?.enum).toEqual([...mailKinds]);
  const named = (operationId: string) => operations.find((it) => it.operationId === operationId);
  const parameters = (operationId: string) =>
    named(operationId)?.parameters?.map(({ $ref, name }) => name ?? $ref?.replace(/.*\//, ''));
  expect(parameters('logIn')).toEqual(['RefreshCookie', 'DeviceCookie', 'X-Gatehouse-Transport']);
  expect(parameters('changePassword')).toEqual(['X-Gatehouse-Transport']);
  expect(named('refresh')?.security).toEqual([{ refreshCookie: [] }, {}]);
  expect(named('getMe')?.security).toEqual([{ accessToken: [] }]);
});
