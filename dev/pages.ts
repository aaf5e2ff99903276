/**
 * Builds the pages for people: one module (what only some need is a chunk of its own), the style file, the languages,
 * and the shell that names them. `npm run build` checks the size.
 */
import { createHash } from 'node:crypto';
import { cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';
import { root } from '../tooling/paths.ts';

/** The module that every page loads, with the client in it, minified and gzipped, in KiB. */
export const PAGES_BUDGET = 15;

const source = (file: string) => join(root, 'pages', file);

function modules() {
  const { outputFiles } = buildSync({
    entryPoints: { app: source('src/main.ts') },
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    outdir: root,
    write: false,
  });
  return outputFiles.map(({ path, contents }) => ({ name: basename(path), contents }));
}

/** Sizes by name, in KiB gzipped. */
export const pagesWeight = (): { name: string; kib: number }[] =>
  modules().map(({ name, contents }) => ({
    name,
    kib: gzipSync(contents, { level: 9 }).byteLength / 1_024,
  }));

export function buildPages(assets: string): void {
  const folder = join(assets, 'pages');
  mkdirSync(folder, { recursive: true });
  const made = modules();
  for (const { name, contents } of made) writeFileSync(join(folder, name), contents);
  const look = readFileSync(source('look.css'), 'utf8');
  writeFileSync(join(folder, 'look.css'), look);
  const languages = globSync(source('languages/*.json')).sort();
  const words = languages.map((file) => readFileSync(file, 'utf8'));
  // Without the white space of the source.
  for (const [at, file] of languages.entries())
    writeFileSync(join(folder, basename(file)), JSON.stringify(JSON.parse(words[at] ?? '')));
  cpSync(source('brand'), join(assets, 'brand'), { recursive: true });
  const names: Record<string, string> = {
    app: made.find(({ name }) => name.startsWith('app-'))?.name ?? '',
    look: digest(look),
    words: digest(words.join()),
  };
  const shell = readFileSync(source('shell.html'), 'utf8');
  writeFileSync(
    join(assets, 'shell.html'),
    shell.replace(/%(\w+)%/g, (_, name: string) => names[name] ?? ''),
  );
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);
