/** An endpoint as OpenAPI tells it, from its one declaration. */
import { z } from '@hono/zod-openapi';
import { type RefusalCode, refusals } from '../refusal.ts';
import type { Endpoint } from './endpoint.ts';

/** Codes that any endpoint of its kind can answer with. */
export function refusalsOf({ method, body, query, guard, refusals: own }: Endpoint): RefusalCode[] {
  const ofBody: RefusalCode[] = [
    'malformed_json',
    'request_timeout',
    'payload_too_large',
    'unsupported_media_type',
    'validation_failed',
  ];
  return [
    ...own,
    ...(body ? ofBody : []),
    ...(query && !body ? (['validation_failed'] as const) : []),
    ...(guard === 'secured' ? (['invalid_token'] as const) : []),
    ...(method === 'get' ? [] : (['origin_not_allowed'] as const)),
    'rate_limited',
    'internal_error',
    'service_unavailable',
  ];
}

const problemSchema = (codes: RefusalCode[], members: z.ZodRawShape) =>
  z.object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(codes),
    requestId: z.string(),
    ...(codes.some((code) => code === 'validation_failed' || code === 'password_blocked') && {
      errors: z.array(z.object({ path: z.string(), message: z.string() })),
    }),
    ...(codes.includes('email_not_verified') && {
      id: z.uuid().optional().openapi({ description: 'With `email_not_verified`: the id of the sign-up.' }),
    }),
    ...members,
  });

/** A success with its envelope, and the failures by status, which may have further `members`. */
export function answersOf(
  message: string,
  data: z.ZodType,
  codes: RefusalCode[],
  members: z.ZodRawShape = {},
) {
  const envelope = z.object({ status: z.literal(200), message: z.literal(message), data });
  const byStatus = Map.groupBy(codes, (code) => refusals[code].status);
  return {
    200: { description: message, content: { 'application/json': { schema: envelope } } },
    ...Object.fromEntries(
      [...byStatus].map(([status, codes]) => [
        status,
        {
          description: codes.map((code) => refusals[code].title).join(', or '),
          content: { 'application/problem+json': { schema: problemSchema(codes, members) } },
        },
      ]),
    ),
  };
}

/** The OpenAPI operation of an endpoint, for the registry. `base` is where its path is mounted. */
export function operationOf(endpoint: Endpoint, base: string) {
  const { method, path, summary, description, message, body, params, query, data, guard } = endpoint;
  return {
    method,
    path: base + path.replace(/:(\w+)/g, '{$1}'),
    summary,
    description,
    ...(guard === 'secured' && { security: [{ accessToken: [] }] }),
    request: {
      ...(params && { params }),
      ...(query && { query }),
      ...(body && { body: { required: true, content: { 'application/json': { schema: body } } } }),
    },
    responses: answersOf(message, data, refusalsOf(endpoint)),
  };
}
