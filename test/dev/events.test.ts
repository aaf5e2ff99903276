/** Security events: a closed list, and none is written that the log is not told of. */
import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { eventKinds } from '../../src/event-kinds.ts';

const store = globSync('src/store/*.ts').map((path) => ({ path, text: readFileSync(path, 'utf8') }));

test('every kind that a statement writes is in the list, and every kind in the list is written', () => {
  // Kinds also stand in SQL, where the compiler does not see them.
  const text = store.map((file) => file.text).join('\n');
  const dotted = [...text.matchAll(/'([a-z_]{2,}\.[a-z_]+)'/g)].map(([, kind]) => kind);
  expect(dotted.filter((kind) => !eventKinds.some((known) => known === kind))).toEqual([]);
  expect(eventKinds.filter((kind) => !text.includes(`'${kind}'`))).toEqual([]);
});

test('events are appended by the tool that notes them for the log, and by nothing else', () => {
  const appending = store.filter(({ text }) => /INSERT INTO security_events/i.test(text));
  expect(appending.map(({ path }) => path)).toEqual(['src/store/events.ts']);
});
