/** Every example of the document is sent as it stands there: whatever else may be wrong with it, it is understood. */
import { expect, test } from 'vitest';
import { type Operation, paths } from '../support/contract.ts';
import { startGatehouse } from '../support/gatehouse.ts';
import { loggedIn } from '../support/person.ts';

const gatehouse = startGatehouse();

const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    method: method.toUpperCase(),
    path,
    ...operation,
  })),
);
const examplesOf = ({ requestBody }: Operation): [string, unknown][] => {
  const examples = requestBody?.content['application/json']?.examples;
  return examples ? Object.entries(examples).map(([name, { value }]) => [name, value]) : [['', undefined]];
};

/** Refusals of what cannot be understood; a code, a token or an id of an example is merely nobody's. */
const NOT_UNDERSTOOD = [
  'malformed_json',
  'unsupported_media_type',
  'validation_failed',
  'method_not_allowed',
];

test.each(operations)('$operationId', async (operation) => {
  const { method, path, requestBody } = operation;
  // A body that is taken has an example.
  if (requestBody) expect(examplesOf(operation).length).toBeGreaterThan(0);
  for (const [name, body] of examplesOf(operation)) {
    const { accessToken: token } = await loggedIn(gatehouse);
    const pathname = path.replace('{id}', crypto.randomUUID());
    // In a browser the tokens are cookies, which only pages of an allowed origin may have.
    const browser = { Origin: gatehouse.config.issuer, 'X-Gatehouse-Transport': 'cookie' };
    const answer = await gatehouse.call(method, `/${pathname}`, body, {
      ...(operation.security?.some((scheme) => 'accessToken' in scheme) && { token }),
      ...(name === 'browser' && { headers: browser }),
    });
    expect(NOT_UNDERSTOOD, `${name}: ${JSON.stringify(answer.body)}`).not.toContain(answer.body.code);
    expect(answer.status, name).not.toBe(405);
    if (requestBody === undefined && /auth\/[a-z/]+$/.test(pathname)) expect(answer.status).toBe(200);
  }
});
