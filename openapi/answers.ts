/** Answers as the document has them: successes in their envelope, and refusals, of which each code is a component. */

import { z } from 'zod';
import { type RefusalCode, refusals } from '../src/refusal.ts';
import { headersNamed } from './headers.ts';
import { component, componentOf, note } from './notes.ts';

const errors = z.array(z.object({ path: z.string(), message: z.string() }));
const members: Partial<Record<RefusalCode, z.ZodRawShape>> = {
  validation_failed: { errors },
  password_blocked: { errors },
  email_not_verified: { id: z.uuid() },
};

export const pascal = (code: string): string =>
  code.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The problem document (RFC 9457) of one code, and of nothing else. */
export function problemSchema(code: RefusalCode, further: z.ZodRawShape = members[code] ?? {}): z.ZodObject {
  const { status, title, detail } = refusals[code];
  const schema = z.object({
    type: z.literal(`urn:gatehouse:problem:${code}`),
    title: z.literal(title),
    status: z.literal(status),
    detail: z.string(),
    code: z.literal(code),
    requestId: z.string(),
    ...further,
  });
  note(schema.shape.detail, { example: detail });
  return schema;
}

const HEADERS: Partial<Record<RefusalCode, string>> = {
  invalid_token: 'WWW-Authenticate',
  login_locked: 'Retry-After',
  second_factor_locked: 'Retry-After',
  rate_limited: 'Retry-After',
  overloaded: 'Retry-After',
  service_unavailable: 'Retry-After',
};

const problem = (code: RefusalCode) => ({ $ref: `#/components/schemas/${pascal(code)}` });

/** Codes of one status: told apart by `code`. */
function anyOf(codes: RefusalCode[]) {
  const [only, ...others] = codes.map(problem);
  if (only && others.length === 0) return only;
  const mapping = Object.fromEntries(codes.map((code) => [code, problem(code).$ref]));
  return { oneOf: codes.map(problem), discriminator: { propertyName: 'code', mapping } };
}

/** A response for codes of one status. `always`: headers that it may have whatever the code. */
export function refusalResponse(codes: RefusalCode[], always: string[]) {
  const own = codes.flatMap((code) => HEADERS[code] ?? []);
  return {
    description: codes.map((code) => `${refusals[code].title}.`).join(' Or: '),
    headers: headersNamed(...always, ...new Set(own), 'Server-Timing'),
    content: { 'application/problem+json': { schema: anyOf(codes) } },
  };
}

const envelopes = new Map<z.ZodType | undefined, z.ZodObject>();

/** The shared component for successes with these data: endpoints with the same data have the same one. */
function envelope(data: z.ZodType, operationId: string): z.ZodObject {
  const key = data instanceof z.ZodNull ? undefined : data;
  const known = envelopes.get(key);
  if (known) return known;
  const schema = z.object({ status: z.literal(200), message: z.string(), data });
  const of = key === undefined ? 'Empty' : (componentOf(data) ?? pascal(operationId));
  component(schema, `${of}Answer`, `A success${key === undefined ? ' that has no data' : ''}.`);
  note(schema.shape.message, {
    description: 'A sentence for people, the same for every success of an operation.',
  });
  envelopes.set(key, schema);
  return schema;
}

/** A success in its envelope. */
export function success(
  operationId: string,
  message: string,
  data: z.ZodType,
  answer: unknown,
  headerNames: string[] = [],
) {
  const schema = envelope(data, operationId);
  const example = { status: 200, message, data: answer };
  return {
    description: message,
    headers: headersNamed(...headerNames, 'Server-Timing'),
    content: { 'application/json': { schema, example } },
  };
}
