/** The rules of the house, read from the files: imports point one way, files stay small, nothing is a barrel. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

/** Rank of a room: a file imports from its own rank or a later one, and within a rank only from its own folder. */
const RANKS = [
  ['api', 'jobs', 'admin'],
  ['app', 'wiring'],
  ['account'],
  ['factor'],
  ['session', 'password', 'webhook'],
  ['http'],
  ['guard', 'mail', 'token'],
  ['deps'],
  ['ports', 'store'],
  ['caller'],
  ['config', 'event-kinds', 'refusal'],
  ['lib'],
];
/** The folders of the repository, and which others each may import from. */
const FOLDERS: Record<string, string[]> = {
  src: [],
  // Of src only the type of what the Worker tells them, and for operators how a device is called.
  pages: ['src', 'packages'],
  tooling: ['src'],
  selfhost: ['src', 'tooling'],
  openapi: ['src', 'tooling'],
  cli: ['tooling', 'src', 'selfhost', 'drizzle.config.ts'],
  dev: ['tooling', 'src', 'selfhost'],
  test: ['src', 'openapi', 'pages', 'tooling', 'cli', 'dev', 'selfhost', 'docs', 'packages', 'README.md?raw'],
  bench: ['src', 'test', 'dev', 'tooling', 'selfhost'],
  packages: [],
  examples: [],
};
const MAX_LINES = 200;
const MAX_LINES_OF_DATA = 500;
const MAX_FUNCTION = 60;

type File = { path: string; text: string };
/** Built, installed, or written by a command. */
const isMade = (path: string) => /\/(dist|node_modules)\/|^packages\/client\/src\/contract\.ts$/.test(path);
const filesOf = (pattern: string): File[] =>
  globSync(pattern)
    .filter((path) => !isMade(path))
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }));

const files = filesOf('src/**/*.ts');
const everywhere = Object.keys(FOLDERS).flatMap((folder) => filesOf(`${folder}/**/*.{ts,js,mjs}`));

const roomOf = (path: string) => (relative('src', path).split('/')[0] ?? '').replace(/\.ts$/, '');
const rankOf = (room: string) => RANKS.findIndex((rooms) => rooms.includes(room));

/** Arrows that the ranks forbid and a reason allows. Types vanish when built, so they make no cycle. */
const ALLOWED = new Set([
  // The port takes what the mail folder renders.
  'ports -> mail',
]);

function importsOf({ path, text }: File): string[] {
  return [...text.matchAll(/(?:from |import |import\()'(\.[^']+)'/g)].map(([, target = '']) =>
    join(dirname(path), target),
  );
}

test('every folder with code is named here, and imports only from those it may', () => {
  const ignored = readFileSync('.gitignore', 'utf8').split('\n');
  const folders = globSync('*/**/*.{ts,js,mjs}', { exclude: (name) => ignored.includes(`${name}/`) });
  expect([...new Set(folders.map((path) => path.split('/')[0]))].sort()).toEqual(Object.keys(FOLDERS).sort());
  const wrong = everywhere.flatMap((file) => {
    const [own = ''] = file.path.split('/');
    return importsOf(file)
      .map((target) => target.split('/')[0] ?? '')
      .filter((folder) => folder !== own && !FOLDERS[own]?.includes(folder))
      .map((folder) => `${file.path}: ${own} -> ${folder}`);
  });
  expect(wrong).toEqual([]);
});

test('every command of an operator is one of cli/, by its one entry', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  const commands = Object.entries(scripts).filter(([name]) =>
    /^(cli|migrate|roles|keys|deploy|smoke|import|export|mail|users)\b/.test(name),
  );
  expect(commands.length).toBeGreaterThan(10);
  for (const [name, command] of commands) expect(command, name).toMatch(/^node cli\/main\.ts\b/);
});

test('every room of src has a rank', () => {
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

test('no import leads back to where it began, not even among types', () => {
  const targets = new Map(files.map((file) => [file.path, importsOf(file)]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const follow = (path: string, way: string[]) => {
    if (way.includes(path)) cycles.push([...way.slice(way.indexOf(path)), path].join(' -> '));
    if (way.includes(path) || done.has(path)) return;
    for (const target of targets.get(path) ?? []) follow(target, [...way, path]);
    done.add(path);
  };
  for (const { path } of files) follow(path, []);
  expect(cycles).toEqual([]);
});

test('half of the files of src have fewer than 60 lines', () => {
  const lengths = files.map(({ text }) => text.split('\n').length).sort((a, b) => a - b);
  expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThan(60);
});

test('HTTP stays in routes and http/, env in the entries, the clock and the console out of flows', () => {
  const flows = files.filter(({ path }) =>
    /^src\/(account|factor|session|password|token|mail|guard|store)\//.test(path),
  );
  for (const { path, text } of flows) {
    if (!path.endsWith('.route.ts')) expect(text, path).not.toMatch(/from '(hono|@hono)|from '..\/http\//);
    // What decides about a password stands in the flow: an import or an administrator takes no route.
    else expect(text, path).not.toMatch(/policy\.ts'/);
    expect(text, path).not.toMatch(/cloudflare:workers|Date\.now\(\)|new Date\(\)|console\.|Math\.random/);
  }
});

test('there is one door to a session: nothing else opens one', () => {
  const opening = files.filter(({ text }) => /\bopenSession\(|INSERT INTO user_sessions/.test(text));
  expect(opening.map(({ path }) => path).sort()).toEqual(['src/session/grant.ts', 'src/store/sessions.ts']);
});

test('files and functions stay small', () => {
  for (const { path, text } of everywhere.filter((file) => !file.path.startsWith('test/'))) {
    const limit = /(schema|refusal)\.ts$|templates?\//.test(path) ? MAX_LINES_OF_DATA : MAX_LINES;
    expect(text.split('\n').length, path).toBeLessThanOrEqual(limit);
    for (const length of functionLengths(text)) expect(length, path).toBeLessThanOrEqual(MAX_FUNCTION);
  }
});

test('a text that a client made up meets no pattern that could try it over and over', () => {
  const source = readFileSync('src/lib/device-name.ts', 'utf8');
  const patterns = [...source.matchAll(/\[\/(.+)\/, '/g)].map(([, pattern = '']) => pattern);
  expect(patterns.length).toBeGreaterThan(10);
  for (const pattern of patterns) expect(pattern).not.toMatch(/[*+]|\{\d+,/);
});

test('what is random comes from the generator for secrets', () => {
  const makers = everywhere.filter(({ path }) => /^(src|tooling|cli)\//.test(path));
  expect(makers.length).toBeGreaterThan(files.length);
  expect(makers.filter(({ text }) => text.includes('Math.random')).map(({ path }) => path)).toEqual([]);
});

test('of zod and of what makes the document, the Workers carry what they use', () => {
  for (const { path, text } of files) {
    // `z` by name is one object with everything in it, sixty languages among it.
    expect(text, path).not.toMatch(/^import \{[^}]*\bz\b[^}]*\} from 'zod'/m);
    expect(text, path).not.toMatch(/@hono\/(zod-openapi|swagger-ui)/);
  }
});

test('no barrels, no default exports but the Workers', () => {
  for (const { path, text } of everywhere) {
    expect(text, path).not.toMatch(/^export (\*|\{[^}]*\} from)/m);
    if (
      files.some((file) => file.path === path) &&
      !['src/api.ts', 'src/jobs/index.ts', 'src/admin/index.ts'].includes(path)
    )
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
