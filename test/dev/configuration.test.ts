/** Every setting stands in three places besides src/env.ts, and none of them may forget one. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configNames } from '../../src/env.ts';

const namesIn = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map(([, name = '']) => name).sort();

/** The names a wrangler.toml lists under [vars] and as required secrets. */
function listed(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  const [, required = ''] = /^required = \[([^\]]*)\]/m.exec(text) ?? [];
  return [...namesIn(required, /"([A-Z_]+)"/g), ...namesIn(text, /^([A-Z][A-Z0-9_]+) = /gm)].sort();
}

test.each([
  ['wrangler.toml', configNames.api],
  ['src/jobs/wrangler.toml', configNames.jobs],
])('%s lists exactly what its Worker reads', (path, names) => {
  expect(listed(path)).toEqual([...names].sort());
});

test('.dev.vars.example explains every setting of both Workers and of the local stack, and no other', () => {
  const example = readFileSync('.dev.vars.example', 'utf8');
  const names = new Set([...configNames.api, ...configNames.jobs, 'PORT', 'MAILBOX_PORT']);
  expect(namesIn(example, /^([A-Z][A-Z0-9_]+)=/gm)).toEqual([...names].sort());
});
