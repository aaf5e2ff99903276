/**
 * An endpoint is declared once: path, body, answer, refusals and prose. From that one declaration come the
 * validation, the guard, the envelope and the OpenAPI text, so that they cannot disagree.
 */
import type { z } from '@hono/zod-openapi';
import { type Bearer, type Caller, note } from '../caller.ts';
import type { LimitName } from '../config/limits.ts';
import type { Deps } from '../deps.ts';
import { Refusal, type RefusalCode } from '../refusal.ts';
import { bearerOf } from './bearer.ts';
import { bodyLimits, readJson } from './body.ts';
import type { AppContext } from './context.ts';
import { spendLimits } from './limit.ts';
import { validate } from './validation.ts';

type Body = z.ZodType | undefined;
type Named = z.ZodObject | undefined;

type Declaration<B extends Body, D extends z.ZodType, P extends Named = Named, Q extends Named = Named> = {
  method: 'get' | 'post' | 'patch' | 'delete';
  /** As Hono has it: `/sessions/:id`. */
  path: string;
  summary: string;
  description: string;
  /** `message` of a success. */
  message: string;
  body: B;
  /** What stands in the path. A value that cannot name anything is a path that is not served. */
  params?: P;
  query?: Q;
  /** `data` of a success; fields it does not name are not sent. */
  data: D;
  refusals: RefusalCode[];
  /** Spent before the body is read. */
  limits: readonly [LimitName, ...LimitName[]];
};

type Recognition<B extends Body> = {
  /** The account of a known device that the request shows (see http/limit.ts); the body is read early for it. */
  accountOf?: (c: AppContext, body: ValueOf<B>) => Promise<string | undefined>;
};

type ValueOf<S> = S extends z.ZodType ? z.output<S> : undefined;

/** The rest of the request, for the endpoints that need more than a body. */
export type Rest<P extends Named, Q extends Named> = {
  params: ValueOf<P>;
  query: ValueOf<Q>;
  context: AppContext;
};

export type Endpoint = Declaration<Body, z.ZodType> & {
  guard: 'open' | 'secured';
  answer(c: AppContext): Promise<Response>;
};

/** An endpoint that anyone may call. */
export function open<
  B extends Body,
  D extends z.ZodType,
  P extends Named = undefined,
  Q extends Named = undefined,
>(
  { accountOf, ...declaration }: Declaration<B, D, P, Q> & Recognition<B>,
  handle: (deps: Deps, caller: Caller, body: ValueOf<B>, rest: Rest<P, Q>) => Promise<z.input<D>>,
): Endpoint {
  return {
    ...declaration,
    guard: 'open',
    async answer(c) {
      let reading: Promise<ValueOf<B>> | undefined;
      const readBody = () => {
        reading ??= bodyOf(declaration.body, c);
        return reading;
      };
      // A body that is no good shows nothing: it is refused like one that was not read.
      const shown = async () =>
        readBody()
          .then((body) => accountOf?.(c, body))
          .catch(() => undefined);
      await spendLimits(c, declaration.limits, accountOf && { accountOf: shown });
      const rest = restOf(declaration, c);
      const body = await readBody();
      return success(c, declaration, await handle(c.get('deps'), c.get('caller'), body, rest));
    },
  };
}

/** An endpoint for the bearer of an access token. The handler's statement must join the live session. */
export function secured<
  B extends Body,
  D extends z.ZodType,
  P extends Named = undefined,
  Q extends Named = undefined,
>(
  declaration: Declaration<B, D, P, Q>,
  handle: (
    deps: Deps,
    caller: Caller,
    bearer: Bearer,
    body: ValueOf<B>,
    rest: Rest<P, Q>,
  ) => Promise<z.input<D>>,
): Endpoint {
  return {
    ...declaration,
    guard: 'secured',
    async answer(c) {
      const [shown] = await Promise.allSettled([bearerOf(c)]);
      const known = shown.status === 'fulfilled' ? shown.value : undefined;
      await spendLimits(c, declaration.limits, { bearer: known, accountOf: async () => known?.userId });
      if (shown.status === 'rejected') throw shown.reason;
      const bearer = shown.value;
      note(c.get('caller'), bearer);
      const rest = restOf(declaration, c);
      const body = await bodyOf(declaration.body, c);
      return success(c, declaration, await handle(c.get('deps'), c.get('caller'), bearer, body, rest));
    },
  };
}

async function bodyOf<B extends Body>(schema: B, c: AppContext): Promise<ValueOf<B>> {
  if (schema === undefined) return undefined as ValueOf<B>;
  return validate(schema, await readJson(c.req.raw, bodyLimits(c.get('deps').config))) as ValueOf<B>;
}

function restOf<B extends Body, D extends z.ZodType, P extends Named, Q extends Named>(
  { params, query }: Declaration<B, D, P, Q>,
  context: AppContext,
): Rest<P, Q> {
  const named = params?.safeParse(context.req.param());
  if (named?.success === false) throw new Refusal('not_found', { reason: 'malformed_id' });
  return {
    params: named?.data as ValueOf<P>,
    query: (query && validate(query, asked(context))) as ValueOf<Q>,
    context,
  };
}

/** The query, in which no name stands twice: two parsers could choose differently. */
function asked(c: AppContext): Record<string, string | undefined> {
  const given = Object.entries(c.req.queries());
  if (given.some(([, values]) => values.length > 1)) {
    const errors = [{ path: '', message: 'has a name more than once' }];
    throw new Refusal('validation_failed', { members: { errors } });
  }
  return Object.fromEntries(given.map(([name, [value]]) => [name, value]));
}

function success(
  c: AppContext,
  { message, data }: { message: string; data: z.ZodType },
  value: unknown,
): Response {
  return c.json({ status: 200, message, data: data.parse(value) });
}
