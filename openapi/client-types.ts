/**
 * The types of packages/client, from the document: for each operation what is sent, what is answered, and the codes of its
 * refusals. Written by `npm run openapi`; whoever installs the client has them without the service.
 */

type Schema = {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  discriminator?: { mapping: Record<string, string> };
};
type Content = { content: Record<string, { schema: Schema }> };
type Parameter = { name: string; in: string; required?: boolean; schema: Schema };
type Operation = {
  summary: string;
  parameters?: (Parameter | { $ref: string })[];
  requestBody?: Content;
  responses: Record<string, Content | { $ref: string }>;
};
export type Document = {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema>; responses: Record<string, Content> };
};

const SCALARS: Record<string, string> = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  null: 'null',
};
const HEADER = '/** Made by `npm run openapi` from what the endpoints declare. */';

export function clientTypes(document: Document, basePath: string): string {
  const operations = Object.entries(document.paths)
    .filter(([path]) => path.startsWith(basePath))
    .flatMap(([path, methods]) => Object.entries(methods).map((entry) => [path, ...entry] as const))
    .map(([path, method, operation]) => {
      const name = `${method.toUpperCase()} ${path.slice(basePath.length).replace(/\{(\w+)\}/g, ':$1')}`;
      return `  /** ${operation.summary}. */\n  '${name}': ${operationType(document, operation)};`;
    });
  const body = ['export type Operations = {', ...operations, '};', ''].join('\n');
  return [HEADER, ...namedTypes(document.components.schemas, body), body].join('\n\n');
}

/** The shared types that `text` names, and those that they name in turn. */
function namedTypes(schemas: Record<string, Schema>, text: string, known = new Set<string>()): string[] {
  const names = Object.keys(schemas).filter(
    (name) => !known.has(name) && new RegExp(`\\b${name}\\b(?!\\w)`).test(withoutComments(text)),
  );
  for (const name of names) known.add(name);
  return names.flatMap((name) => {
    const schema = schemas[name] as Schema;
    const type = `${comment(schema)}export type ${name} = ${typeOf({ ...schema, description: '' })};`;
    return [type, ...namedTypes(schemas, type, known)];
  });
}

const withoutComments = (text: string) => text.replace(/\/\*\*.*?\*\/|'[^']*'/g, '');

function operationType(document: Document, { parameters = [], requestBody, responses }: Operation): string {
  const sent = parameters.filter(
    (one): one is Parameter => 'in' in one && ['path', 'query'].includes(one.in),
  );
  const named = {
    type: 'object',
    properties: Object.fromEntries(sent.map(({ name, schema }) => [name, schema])),
    required: sent.filter(({ required }) => required).map(({ name }) => name),
  };
  const body = requestBody?.content['application/json']?.schema;
  const inputs = [...(sent.length > 0 ? [named] : []), ...(body ? [body] : [])];
  const { 200: success, ...failures } = responses;
  const envelope = (success as Content).content['application/json']?.schema.$ref ?? '';
  const answer = document.components.schemas[lastOf(envelope)]?.properties?.data ?? {};
  const codes = Object.values(failures).flatMap((failure) => codesOf(document, failure));
  return [
    '{',
    `    input: ${inputs.map((one) => typeOf(one, '    ')).join(' & ') || 'undefined'};`,
    `    data: ${typeOf(answer, '    ')};`,
    `    code: ${codes.map((code) => `'${code}'`).join(' | ')};`,
    '  }',
  ].join('\n');
}

function codesOf({ components }: Document, response: Content | { $ref: string }): string[] {
  const { content } =
    '$ref' in response ? (components.responses[lastOf(response.$ref)] as Content) : response;
  const schema = content['application/problem+json']?.schema ?? {};
  if (schema.discriminator) return Object.keys(schema.discriminator.mapping);
  const only = components.schemas[lastOf(schema.$ref ?? '')];
  return (only?.properties?.code?.enum ?? []) as string[];
}

function typeOf(schema: Schema, indent = ''): string {
  if (schema.$ref) return lastOf(schema.$ref);
  if (schema.enum) return schema.enum.map(literal).join(' | ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.map((choice) => typeOf(choice, indent)).join(' | ');
  if (Array.isArray(schema.type))
    return schema.type.map((type) => typeOf({ ...schema, type }, indent)).join(' | ');
  if (schema.type === 'array') return `(${typeOf(schema.items ?? {}, indent)})[]`;
  if (schema.type === 'object') return objectType(schema, indent);
  return SCALARS[schema.type ?? ''] ?? 'unknown';
}

function objectType({ properties = {}, required = [] }: Schema, indent: string): string {
  const inner = `${indent}  `;
  const lines = Object.entries(properties).map(([name, schema]) => {
    const type = typeOf(schema, inner);
    return (
      comment(schema, inner) +
      inner +
      (required.includes(name) ? `${name}: ${type};` : `${name}?: ${type} | undefined;`)
    );
  });
  return ['{', ...lines, `${indent}}`].join('\n');
}

const comment = ({ description }: Schema, indent = '') =>
  description ? `${indent}/** ${description} */\n` : '';
const literal = (value: unknown) => (typeof value === 'string' ? `'${value}'` : String(value));
const lastOf = (reference: string) => reference.replace(/.*\//, '');
