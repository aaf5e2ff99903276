/** The rules of the house, read from the files: imports point one way, rooms stay small, nothing is a barrel. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

/** Rank of a room: a file imports from its own rank or a later one, and within a rank only from its own folder. */
const RANKS = [
  ['api', 'jobs'],
  ['app', 'wiring'],
  ['account'],
  ['session', 'password'],
  ['http'],
  ['guard', 'mail', 'token'],
  ['deps'],
  ['ports', 'store'],
  ['env', 'refusal'],
  ['env-fields'],
  ['lib'],
];
const MAX_LINES = 200;
const MAX_LINES_OF_DATA = 300;
const MAX_FUNCTION = 60;

const files = globSync('src/**/*.ts').map((path) => ({ path, text: readFileSync(path, 'utf8') }));

const roomOf = (path: string) => (relative('src', path).split('/')[0] ?? '').replace(/\.ts$/, '');
const rankOf = (room: string) => RANKS.findIndex((rooms) => rooms.includes(room));

/** Arrows that the ranks forbid and a reason allows. Types vanish when built, so they make no cycle. */
const ALLOWED = new Set([
  // The port takes what the mail folder renders.
  'ports -> mail',
]);

function importsOf({ path, text }: { path: string; text: string }): string[] {
  return [...text.matchAll(/from '(\.[^']+)'/g)].map(([, target = '']) => join(dirname(path), target));
}

test('every room has a rank', () => {
  for (const { path } of files) expect(rankOf(roomOf(path)), path).not.toBe(-1);
});

test('imports point one way', () => {
  const wrong = files.flatMap((file) =>
    importsOf(file)
      .map((target) => [roomOf(file.path), roomOf(target)] as const)
      .filter(([from, to]) => from !== to && rankOf(to) <= rankOf(from) && !ALLOWED.has(`${from} -> ${to}`))
      .map(([from, to]) => `${file.path}: ${from} -> ${to}`),
  );
  expect(wrong).toEqual([]);
});

test('HTTP stays in routes and http/, env in the entries, the clock and the console out of flows', () => {
  const flows = files.filter(({ path }) =>
    /^src\/(account|session|password|token|mail|guard|store)\//.test(path),
  );
  for (const { path, text } of flows) {
    if (!path.endsWith('.route.ts')) expect(text, path).not.toMatch(/from '(hono|@hono)|from '..\/http\//);
    expect(text, path).not.toMatch(/cloudflare:workers|Date\.now\(\)|new Date\(\)|console\.|Math\.random/);
  }
});

test('files and functions stay small', () => {
  for (const { path, text } of files) {
    const limit = /schema\.ts$|templates?\//.test(path) ? MAX_LINES_OF_DATA : MAX_LINES;
    expect(text.split('\n').length, path).toBeLessThanOrEqual(limit);
    for (const length of functionLengths(text)) expect(length, path).toBeLessThanOrEqual(MAX_FUNCTION);
  }
});

test('no barrels, no default exports but the Workers', () => {
  for (const { path, text } of files) {
    expect(text, path).not.toMatch(/^export (\*|\{[^}]*\} from)/m);
    if (!['src/api.ts', 'src/jobs/index.ts'].includes(path))
      expect(text, path).not.toMatch(/^export default/m);
  }
});

/** A top-level function runs from its first line to the next line that is a lone closing brace. */
function functionLengths(text: string): number[] {
  const lengths: number[] = [];
  let start = -1;
  for (const [number, line] of text.split('\n').entries()) {
    if (/^(export )?(async )?function /.test(line)) start = number;
    if (line === '}' && start !== -1) {
      lengths.push(number - start + 1);
      start = -1;
    }
  }
  return lengths;
}
