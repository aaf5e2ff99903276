/**
 * Holds requests and answers against the OpenAPI document: the status, the media type, and the bodies, in which nothing
 * may stand that the document does not name.
 */
import { type Schema, Validator } from '@cfworker/json-schema';
import { expect } from 'vitest';

type Content = Record<string, { schema: Schema }>;
type Operation = { requestBody?: { content: Content }; responses: Record<string, { content?: Content }> };
export type Paths = Record<string, Record<string, Operation>>;
export type Document = { paths: Paths; components?: { schemas?: Record<string, Schema> } };

type Exchange = {
  method: string;
  pathname: string;
  /** What was sent as JSON; undefined for no body, or for one that is no JSON on purpose. */
  sent: unknown;
  status: number;
  mediaType: string;
  body: unknown;
};

export function contractOf({ paths, components }: Document) {
  const closedComponents = closed(components ?? {});
  const validators = new Map<Schema, Validator>();

  function validatorOf(schema: Schema): Validator {
    const known = validators.get(schema);
    if (known) return known;
    // Beside the schema, so that its references to `#/components` are found.
    const validator = new Validator(
      { ...(closed(schema) as Schema), components: closedComponents },
      '2020-12',
      false,
    );
    validators.set(schema, validator);
    return validator;
  }

  const faultsOf = (schema: Schema, value: unknown) =>
    validatorOf(schema)
      .validate(value)
      .errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`);

  /** Nothing is asked of what the document does not have. */
  return function assertDocumented({ method, pathname, sent, status, mediaType, body }: Exchange): void {
    const template = paths[pathname] ? pathname : pathname.replace(/[^/]+$/, '{id}');
    const operation = paths[template]?.[method.toLowerCase()];
    if (operation === undefined) return;
    const what = `${method} ${pathname}: ${status}`;
    expect(Object.keys(operation.responses), what).toContain(String(status));
    const content = operation.responses[status]?.content ?? {};
    expect(Object.keys(content), what).toContain(mediaType);
    const schema = content[mediaType]?.schema;
    if (schema) expect(faultsOf(schema, body), `${what}, answer`).toEqual([]);
    // What is accepted is documented.
    const asked = operation.requestBody?.content['application/json']?.schema;
    if (asked && status === 200 && sent !== undefined)
      expect(faultsOf(asked, sent), `${what}, request`).toEqual([]);
  };
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
