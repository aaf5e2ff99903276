/**
 * An endpoint is declared once: path, body, answer, refusals and prose. From that one declaration come the
 * validation, the guard, the envelope and the OpenAPI text, so that they cannot disagree.
 */
import { z } from '@hono/zod-openapi';
import type { Deps } from '../deps.ts';
import type { LimitName } from '../guard/limits.ts';
import { type RefusalCode, refusals } from '../refusal.ts';
import type { Caller } from '../store/events.ts';
import type { Bearer } from '../store/users.ts';
import { bearerOf } from './bearer.ts';
import { readJson } from './body.ts';
import type { AppContext } from './context.ts';
import { spendLimits } from './limit.ts';
import { validate } from './validation.ts';

type Declaration<B extends z.ZodType | undefined, D extends z.ZodType> = {
  method: 'get' | 'post' | 'patch' | 'delete';
  path: string;
  summary: string;
  description: string;
  /** `message` of a success. */
  message: string;
  body: B;
  /** `data` of a success; fields it does not name are not sent. */
  data: D;
  refusals: RefusalCode[];
  /** Spent before the body is read. */
  limits: readonly [LimitName, ...LimitName[]];
};

type BodyOf<B> = B extends z.ZodType ? z.output<B> : undefined;

export type Endpoint = Declaration<z.ZodType | undefined, z.ZodType> & {
  guard: 'open' | 'secured';
  answer(c: AppContext): Promise<Response>;
};

/** An endpoint that anyone may call. */
export function open<B extends z.ZodType | undefined, D extends z.ZodType>(
  declaration: Declaration<B, D>,
  handle: (deps: Deps, caller: Caller, body: BodyOf<B>) => Promise<z.input<D>>,
): Endpoint {
  return {
    ...declaration,
    guard: 'open',
    async answer(c) {
      await spendLimits(c, declaration.limits);
      const body = await bodyOf(declaration.body, c);
      return success(c, declaration, await handle(c.get('deps'), c.get('caller'), body));
    },
  };
}

/** An endpoint for the bearer of an access token. The handler's statement must join the live session. */
export function secured<B extends z.ZodType | undefined, D extends z.ZodType>(
  declaration: Declaration<B, D>,
  handle: (deps: Deps, caller: Caller, bearer: Bearer, body: BodyOf<B>) => Promise<z.input<D>>,
): Endpoint {
  return {
    ...declaration,
    guard: 'secured',
    async answer(c) {
      const [shown] = await Promise.allSettled([bearerOf(c)]);
      await spendLimits(c, declaration.limits, shown.status === 'fulfilled' ? shown.value : undefined);
      if (shown.status === 'rejected') throw shown.reason;
      const bearer = shown.value;
      const body = await bodyOf(declaration.body, c);
      return success(c, declaration, await handle(c.get('deps'), c.get('caller'), bearer, body));
    },
  };
}

async function bodyOf<B extends z.ZodType | undefined>(schema: B, c: AppContext): Promise<BodyOf<B>> {
  if (schema === undefined) return undefined as BodyOf<B>;
  return validate(schema, await readJson(c.req.raw, c.get('deps').config.bodyLimitBytes)) as BodyOf<B>;
}

function success(
  c: AppContext,
  { message, data }: { message: string; data: z.ZodType },
  value: unknown,
): Response {
  return c.json({ status: 200, message, data: data.parse(value) });
}

/** Codes that any endpoint of its kind can answer with. */
export function refusalsOf({ method, body, guard, refusals: own }: Endpoint): RefusalCode[] {
  const ofBody: RefusalCode[] = [
    'malformed_json',
    'payload_too_large',
    'unsupported_media_type',
    'validation_failed',
  ];
  return [
    ...own,
    ...(body ? ofBody : []),
    ...(guard === 'secured' ? (['invalid_token'] as const) : []),
    ...(method === 'get' ? [] : (['origin_not_allowed'] as const)),
    'rate_limited',
    'internal_error',
    'service_unavailable',
  ];
}

const problemSchema = (codes: RefusalCode[]) =>
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
    ...(codes.includes('email_not_verified') && { id: z.uuid() }),
  });

/** The OpenAPI operation of an endpoint, for the registry. `base` is where its path is mounted. */
export function operationOf(endpoint: Endpoint, base: string) {
  const { method, path, summary, description, message, body, data, guard } = endpoint;
  const envelope = z.object({ status: z.literal(200), message: z.literal(message), data });
  const byStatus = Map.groupBy(refusalsOf(endpoint), (code) => refusals[code].status);
  return {
    method,
    path: `${base}${path}`,
    summary,
    description,
    ...(guard === 'secured' && { security: [{ accessToken: [] }] }),
    ...(body && { request: { body: { required: true, content: { 'application/json': { schema: body } } } } }),
    responses: {
      200: { description: message, content: { 'application/json': { schema: envelope } } },
      ...Object.fromEntries(
        [...byStatus].map(([status, codes]) => [
          status,
          {
            description: codes.map((code) => refusals[code].title).join(', or '),
            content: { 'application/problem+json': { schema: problemSchema(codes) } },
          },
        ]),
      ),
    },
  };
}
