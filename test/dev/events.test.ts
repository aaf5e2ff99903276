/** Security events: a closed list. That each one written is noted for the log is what store/statement.ts does. */
import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { eventKinds } from '../../src/store/event-kinds.ts';

const store = globSync('src/store/*.ts').map((path) => ({ path, text: readFileSync(path, 'utf8') }));
test('every kind that a statement writes is in the list, and every kind in the list is written', () => {
  // Kinds also stand in SQL, where the compiler does not see them.
  const text = store
    .filter(({ path }) => !path.endsWith('event-kinds.ts'))
    .map((file) => file.text)
    .join('\n');
  const dotted = [...text.matchAll(/'([a-z_]{2,}\.[a-z_]+)'/g)].map(([, kind]) => kind);
  const known: readonly string[] = eventKinds;
  expect([...new Set(dotted)].filter((kind) => !known.includes(kind ?? ''))).toEqual([]);
  expect(eventKinds.filter((kind) => !text.includes(`'${kind}'`))).toEqual([]);
});
