/** Security events: a closed list, and none is written that the log is not told of. */
import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const store = globSync('src/store/*.ts').map((path) => ({ path, text: readFileSync(path, 'utf8') }));
const [, list = ''] =
  /export type EventKind =([^;]+);/.exec(readFileSync('src/store/events.ts', 'utf8')) ?? [];
const kinds = [...list.matchAll(/'([\w.]+)'/g)].map(([, kind]) => kind);

test('every kind that a statement writes is in the list, and every kind in the list is written', () => {
  // Kinds also stand in SQL, where the compiler does not see them.
  const text = store.map((file) => file.text.replace(list, '')).join('\n');
  const dotted = [...text.matchAll(/'([a-z_]{2,}\.[a-z_]+)'/g)].map(([, kind]) => kind);
  expect([...new Set(dotted)].filter((kind) => !kinds.includes(kind))).toEqual([]);
  expect(kinds.filter((kind) => !text.includes(`'${kind}'`))).toEqual([]);
});

test('every verb that writes an event notes it for the log', () => {
  for (const { path, text } of store) {
    const verbs = text
      .split(/^(?=export (?:async )?function )/m)
      .filter((verb) => verb.includes('insertEvent('));
    for (const verb of verbs.filter((each) => !each.startsWith('export function insertEvent')))
      expect(verb, path).toContain('note(caller, ');
  }
});
