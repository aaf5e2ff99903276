import { expect, test } from 'vitest';
import { parseStrictJson } from '../../src/lib/strict-json.ts';

test.each([
  '{}',
  '[]',
  '"a:b"',
  '{"a":{"a":1},"b":[{"a":1},{"a":2}]}',
  '{"a":"{\\"a\\":1,\\"a\\":2}"}',
  '{"a\\"":1,"a":2}',
  '{"":1}',
])('parses %s as JSON.parse does', (text) => {
  expect(parseStrictJson(text)).toEqual(JSON.parse(text));
});

test.each([
  '{"a":1,"a":1}',
  '{"a":1,"\\u0061":2}',
  '{"x":{"b":1,"b":2}}',
  '[{"a":1,"b":[],"a":{}}]',
  '{"":1,"":2}',
  '{"__proto__":1,"__proto__":2}',
])('refuses the duplicate key in %s', (text) => {
  expect(() => parseStrictJson(text)).toThrow(SyntaxError);
});

test('is linear in the length of hostile text', () => {
  const quotes = `"${'\\"'.repeat(8_000)}`;
  expect(() => parseStrictJson(quotes)).toThrow(SyntaxError);
  expect(() => parseStrictJson('['.repeat(16_000))).toThrow(SyntaxError);
});
