/**
 * Holds requests and answers against the OpenAPI document: the status, the media type, the headers, and the bodies, in
 * which nothing may stand that the document does not name.
 */
import { type Schema, Validator } from '@cfworker/json-schema';
import { expect } from 'vitest';
import document from '../../docs/openapi.json';

type Ref<T> = T | { $ref: string };
type Content = Record<
  string,
  { schema: Schema; example?: { message: string }; examples?: Record<string, { value: unknown }> }
>;
type Response = { headers?: Record<string, Ref<{ required?: boolean }>>; content?: Content };
type Parameter = { name: string; in: string; schema: Schema };
export type Operation = {
  operationId: string;
  security?: Record<string, unknown>[];
  parameters?: Ref<Parameter>[];
  requestBody?: { content: Content };
  responses: Record<string, Ref<Response>>;
};

/** Every operation there is, by path and method. */
export const paths = document.paths as unknown as Record<string, Record<string, Operation>>;

/** What any answer may have, whatever its operation: src/http/shield.ts, cross-origin.ts, and HTTP itself. */
const COMMON =
  /^(content-|access-control-|cross-origin-|x-|(referrer-policy|strict-transport-security|origin-agent-cluster|vary)$)/;

type Exchange = {
  method: string;
  url: URL;
  /** The headers of the request that a test has chosen. */
  asked: Headers;
  /** What was sent as JSON; undefined for no body, or for one that is no JSON on purpose. */
  sent: unknown;
  status: number;
  headers: Headers;
  mediaType: string;
  body: unknown;
};

/** What was answered since it was asked last: `getMe 200`, `getMe 401 invalid_token`. */
const seen = new Set<string>();

export function takeSeen(): string[] {
  const all = [...seen];
  seen.clear();
  return all;
}

/** The operation of a request; nothing is asked of what the document does not have. */
function operationOf(method: string, pathname: string): Operation | undefined {
  const template = paths[pathname] ? pathname : pathname.replace(/[^/]+$/, '{id}');
  return paths[template]?.[method.toLowerCase()];
}

export function assertDocumented(exchange: Exchange): void {
  const { method, url, sent, status, mediaType, body } = exchange;
  const { pathname } = url;
  const operation = operationOf(method, pathname);
  if (operation === undefined) return;
  const what = `${method} ${pathname}: ${status}`;
  const found = operation.responses[status];
  expect(found, `${what} is in the document`).toBeDefined();
  const response = resolved(found as Ref<Response>);
  expect(Object.keys(response.content ?? {}), what).toContain(mediaType);
  const { schema, example } = response.content?.[mediaType] ?? {};
  if (schema) expect(faultsOf(schema, body), `${what}, answer`).toEqual([]);
  const code = status < 400 ? '' : ` ${(body as { code: string }).code}`;
  seen.add(`${operation.operationId} ${status}${code}`);
  if (example) expect((body as { message: string }).message, what).toBe(example.message);
  assertHeaders(what, response, exchange.headers);
  if (status !== 200) return;
  // What is accepted is documented. Passwords are counted in NFC, which a schema cannot say.
  const asked = operation.requestBody?.content['application/json']?.schema;
  if (asked && sent !== undefined) {
    const counted = JSON.parse(JSON.stringify(sent).normalize('NFC'));
    expect(faultsOf(asked, counted), `${what}, request`).toEqual([]);
  }
  assertTransport(what, operation, exchange.asked);
  assertQuery(what, operation, url.searchParams);
}

function assertHeaders(what: string, response: Response, headers: Headers): void {
  const documented = Object.entries(response.headers ?? {}).map(
    ([name, header]) => [name.toLowerCase(), resolved(header)] as const,
  );
  const names = documented.map(([name]) => name);
  for (const [name, value] of headers) {
    if (COMMON.test(name) || (name === 'cache-control' && value === 'no-store')) continue;
    expect(names, `${what}, header`).toContain(name);
  }
  for (const [name, { required }] of documented)
    if (required) expect(headers.get(name), `${what}, header ${name}`).not.toBeNull();
}

/** A header of ours, or a cookie, that a success was asked for with. */
function assertTransport(what: string, operation: Operation, asked: Headers): void {
  const transport = asked.get('X-Gatehouse-Transport');
  if (transport === null) return;
  const parameters = (operation.parameters ?? []).map(resolved);
  const parameter = parameters.find(({ name }) => name === 'X-Gatehouse-Transport');
  expect(parameter, `${what}, parameter`).toBeDefined();
  if (parameter) expect(faultsOf(parameter.schema, transport), `${what}, parameter`).toEqual([]);
}

/** What stands in a query is text; a number there is one to the schema. */
function assertQuery(what: string, operation: Operation, query: URLSearchParams): void {
  const parameters = (operation.parameters ?? []).map(resolved).filter((one) => one.in === 'query');
  for (const [name, text] of query) {
    const parameter = parameters.find((one) => one.name === name);
    expect(parameter, `${what}, query ${name}`).toBeDefined();
    if (parameter === undefined) continue;
    const isNumber = parameter.schema.type === 'integer' || parameter.schema.type === 'number';
    const value = isNumber ? Number(text) : text;
    expect(faultsOf(parameter.schema, value), `${what}, query ${name}`).toEqual([]);
  }
}

function resolved<T>(found: Ref<T>): T {
  if (typeof found !== 'object' || found === null || !('$ref' in found)) return found as T;
  const steps = found.$ref.split('/').slice(1);
  // biome-ignore lint/suspicious/noExplicitAny: any part of the document
  return steps.reduce((part: any, step) => part[step], document) as T;
}

const components = closed(document.components);
const validators = new Map<Schema, Validator>();

function faultsOf(schema: Schema, value: unknown): string[] {
  let validator = validators.get(schema);
  if (!validator) {
    // Beside the schema, so that its references to `#/components` are found.
    validator = new Validator({ ...(closed(schema) as Schema), components }, '2020-12', false);
    validators.set(schema, validator);
  }
  return validator
    .validate(value)
    .errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`);
}

/**
 * The schema, in which each object has what it names and nothing else. That an address is one is for
 * lib/email-address.ts to say: it also takes what this format does not, such as white space around it.
 */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const members = Object.entries(schema).filter(([key, value]) => key !== 'format' || value !== 'email');
  const inner = Object.fromEntries(members.map(([key, value]) => [key, closed(value)]));
  return 'properties' in schema && !('allOf' in schema) ? { additionalProperties: false, ...inner } : inner;
}
