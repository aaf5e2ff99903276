/**
 * Validates by a schema, or throws the refusal `validation_failed`. Messages name the rule and never repeat the value.
 * @hono/zod-validator reads everything but the body; docs/decisions/0013-our-own-body-reader.md says why.
 */
import { zValidator } from '@hono/zod-validator';
import type { MiddlewareHandler } from 'hono';
import type { z } from 'zod';
import { type FieldError, Refusal } from '../refusal.ts';
import type { AppContext, AppEnv } from './context.ts';

const MAX_ERRORS = 20;
const MAX_PATH = 100;

type Schemas = {
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
};

/** @throws Refusal `not_found` for a malformed path parameter, `validation_failed` for the others */
export async function readRest(
  { params, query, headers }: Schemas,
  c: AppContext,
): Promise<{ params: unknown; query: unknown }> {
  if (headers) await read('header', headers, c);
  return {
    params: params && (await read('param', params, c)),
    query: query && (await read('query', query, c)),
  };
}

async function read(
  target: 'param' | 'query' | 'header',
  schema: z.ZodObject,
  c: AppContext,
): Promise<unknown> {
  const check: MiddlewareHandler<AppEnv> = zValidator(target, schema, (result) => {
    if (result.success) return;
    if (target === 'param') throw new Refusal('not_found', { reason: 'malformed_id' });
    throw refusalOf(result.error);
  });
  await check(c, async () => {});
  return c.req.valid(target as never);
}

export function validate<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw refusalOf(result.error);
}

function refusalOf({ issues }: z.core.$ZodError): Refusal {
  const errors = issues.flatMap(fieldErrors).slice(0, MAX_ERRORS);
  return new Refusal('validation_failed', { members: { errors } });
}

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: dotted([...issue.path, key]), message: 'is not a known field' }));
  }
  return [{ path: dotted(issue.path), message: issue.message }];
}

/** The sender can choose the keys in a path. So its length and its characters are limited. */
const dotted = (path: PropertyKey[]) =>
  path
    .map(String)
    .join('.')
    .slice(0, MAX_PATH)
    .replace(/[^\w.-]/g, '?');
