/** Answers as the document has them: successes in their envelope, and refusals, of which each code is a component. */

import { z } from 'zod';
import { type RefusalCode, refusals } from '../src/refusal.ts';
import { headersNamed } from './headers.ts';
import { note } from './notes.ts';

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
    headers: headersNamed(...always, ...new Set(own)),
    content: { 'application/problem+json': { schema: anyOf(codes) } },
  };
}

/** A success in its envelope. */
export function success(message: string, data: z.ZodType, answer: unknown, headerNames: string[] = []) {
  const schema = z.object({ status: z.literal(200), message: z.literal(message), data });
  const example = { status: 200, message, data: answer };
  return {
    description: message,
    ...(headerNames.length > 0 && { headers: headersNamed(...headerNames) }),
    content: { 'application/json': { schema, example } },
  };
}
