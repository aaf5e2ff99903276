/**
 * Declares endpoints. One declaration has the path, the input, the answer and the refusals. Validation, the guard, the
 * form of answers and the OpenAPI document all come from it, so they cannot disagree. The types are kept, so callers
 * of an endpoint know them. The descriptions in the document are in openapi/, outside of the Worker.
 */
import type { z } from 'zod';
import { type Bearer, type Caller, note } from '../caller.ts';
import type { LimitName } from '../config/limits.ts';
import type { Deps } from '../deps.ts';
import { gettersOnce } from '../lib/getters-once.ts';
import type { RefusalCode } from '../refusal.ts';
import { bearerOf } from './bearer.ts';
import { bodyLimits, readJson } from './body.ts';
import type { AppContext } from './context.ts';
import { spendFreeLimits } from './limit.ts';
import { readRest, validate } from './validation.ts';

export type Declaration = {
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  /** In the form of Hono: `/sessions/:id`. */
  readonly path: string;
  /** `message` of a success. */
  readonly message: string;
  /** Schemas are best written as getters: an isolate then makes only those of the endpoints that it answers. */
  readonly body?: z.ZodType;
  /** The parameters in the path. A malformed value is answered 404. */
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** Headers besides those that every request may have. */
  readonly headers?: z.ZodObject;
  /** `data` of a success. Fields that are not in it are not sent. */
  readonly data: z.ZodType;
  /** Its own codes, besides those that every endpoint of its kind can have (http/possible-refusals.ts). */
  readonly refusals: readonly RefusalCode[];
  /** Counted before the body is read, unless the handler has `spendsLimits`. */
  readonly limits: readonly [LimitName, ...LimitName[]];
  /** It asks neither Postgres nor Redis, so it is answered whatever is down. */
  readonly asksNothing?: true;
};

type ValueOf<S> = S extends z.ZodType ? z.output<S> : undefined;

/** The rest of the request, for endpoints that need more than the body. */
export type Rest<D extends Declaration> = {
  params: ValueOf<D['params']>;
  query: ValueOf<D['query']>;
  context: AppContext;
  /** Spends the limits, for endpoints with `spendsLimits`; does nothing for others. @throws Refusal `rate_limited` */
  spendLimits: () => Promise<void>;
};

export type Endpoint<
  D extends Declaration = Declaration,
  G extends 'open' | 'secured' = 'open' | 'secured',
> = D & { readonly guard: G; answer(c: AppContext): Promise<Response> };

/** What a client sends as the body of an endpoint. */
export type BodyOf<E extends Declaration> = E['body'] extends z.ZodType ? z.input<E['body']> : undefined;

/** `data` of an endpoint's success. */
export type DataOf<E extends Declaration> = z.output<E['data']>;

type Spending<D extends Declaration> = {
  /** The account of a known device that the request shows (http/limit.ts). The body is then read earlier. */
  accountOf?: (c: AppContext, body: ValueOf<D['body']>) => Promise<string | undefined>;
  /** The handler calls `spendLimits` itself, beside another trip. The body is read before that. */
  spendsLimits?: boolean;
};

/** An endpoint for everyone. */
export function open<const D extends Declaration>(
  declaration: D,
  handle: (
    deps: Deps,
    caller: Caller,
    body: ValueOf<D['body']>,
    rest: Rest<D>,
  ) => Promise<z.input<D['data']>>,
  { accountOf, spendsLimits = false }: Spending<D> = {},
): Endpoint<D, 'open'> {
  return Object.assign(gettersOnce(declaration), {
    guard: 'open' as const,
    async answer(c: AppContext) {
      let reading: Promise<ValueOf<D['body']>> | undefined;
      const readBody = () => {
        reading ??= bodyOf(declaration, c);
        return reading;
      };
      // An invalid body shows no device. It is refused later.
      const shown = async () =>
        readBody()
          .then((body) => accountOf?.(c, body))
          .catch(() => undefined);
      const caller = accountOf && { accountOf: shown };
      const { spendRest } = await spendFreeLimits(c, declaration.limits, caller);
      if (!spendsLimits) await spendRest();
      const rest = await restOf(declaration, c, spendRest);
      const body = await readBody().catch(async (error: unknown) => {
        await spendRest();
        throw error;
      });
      return success(c, declaration, await handle(c.get('deps'), c.get('caller'), body, rest));
    },
  });
}

/** An endpoint for the bearer of an access token. The statement of its handler must join the live session. */
export function secured<const D extends Declaration>(
  declaration: D,
  handle: (
    deps: Deps,
    caller: Caller,
    bearer: Bearer,
    body: ValueOf<D['body']>,
    rest: Rest<D>,
  ) => Promise<z.input<D['data']>>,
): Endpoint<D, 'secured'> {
  return Object.assign(gettersOnce(declaration), {
    guard: 'secured' as const,
    async answer(c: AppContext) {
      const [shown] = await Promise.allSettled([bearerOf(c)]);
      const known = shown.status === 'fulfilled' ? shown.value : undefined;
      const person = { bearer: known, accountOf: async () => known?.userId };
      const { spendRest } = await spendFreeLimits(c, declaration.limits, person);
      await spendRest();
      if (shown.status === 'rejected') throw shown.reason;
      const bearer = shown.value;
      note(c.get('caller'), bearer);
      const rest = await restOf(declaration, c, spendRest);
      const body = await bodyOf(declaration, c);
      return success(c, declaration, await handle(c.get('deps'), c.get('caller'), bearer, body, rest));
    },
  });
}

async function bodyOf<D extends Declaration>({ body }: D, c: AppContext): Promise<ValueOf<D['body']>> {
  if (body === undefined) return undefined as ValueOf<D['body']>;
  return validate(body, await readJson(c.req.raw, bodyLimits(c.get('deps').config))) as ValueOf<D['body']>;
}

async function restOf<D extends Declaration>(
  declaration: D,
  context: AppContext,
  spendLimits: () => Promise<void>,
): Promise<Rest<D>> {
  const { params, query } = await readRest(declaration, context);
  return { params, query, context, spendLimits } as Rest<D>;
}

function success(c: AppContext, { message, data }: Declaration, value: unknown): Response {
  return c.json({ status: 200, message, data: data.parse(value) });
}
