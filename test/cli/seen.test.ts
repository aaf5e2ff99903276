/** What a dry run remembers of a file. */
import { expect, test } from 'vitest';
import { Seen } from '../../cli/import/seen.ts';

test('what was added is there, what was not is not, however many there are', () => {
  const seen = new Seen();
  const texts = Array.from({ length: 20_000 }, (_, n) => `person-${n}@example.com`);
  for (const text of texts.filter((_, n) => n % 2 === 0)) {
    expect(seen.has(text)).toBe(false);
    seen.add(text);
    seen.add(text);
  }
  expect(texts.map((text) => seen.has(text))).toEqual(texts.map((_, n) => n % 2 === 0));
});
