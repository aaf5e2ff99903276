/** docs/operations.md names only tests that exist. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const text = readFileSync('docs/operations.md', 'utf8');

test('the tests that the documents name exist', () => {
  const named = [...text.matchAll(/`(test\/[\w/.-]+\.test\.ts)`/g)].map(([, path = '']) => path);
  expect(named.length).toBeGreaterThan(8);
  for (const path of named) expect(existsSync(path), path).toBe(true);
});
