/** docs/sql is what the verbs send. */
import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sqlFiles } from '../../dev/document-sql.ts';

const files = await sqlFiles();

test('docs/sql has what `npm run sql` writes, a file for each verb and no other', () => {
  const kept = globSync('docs/sql/*.sql').map((path) => [
    path.replace('docs/sql/', ''),
    readFileSync(path, 'utf8'),
  ]);
  expect(Object.fromEntries(kept)).toEqual(Object.fromEntries(files));
});

test('each file says what the verb does, and the statements hold no value of the call that they were taken from', () => {
  expect(files.size).toBeGreaterThan(40);
  for (const [path, text] of files) {
    expect(text, path).toMatch(/^-- \S.*\n(?:--(?: .*)?\n)*\n(?:-- 1 of|\w)/);
    expect(text, path).not.toMatch(/@example|'[0-9a-f]{8}-(?!0000-0000|ffff-ffff)[0-9a-f]{4}-|'20\d\d-/);
  }
});
