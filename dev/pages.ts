/**
 * Builds the pages for people: the module that all load, a second one for the account and second factors, the style file, the
 * languages, and the shell that names them. What both modules use is a file of its own, which the shell asks for at the
 * same time. `npm run build` checks the sizes.
 */
import { createHash } from 'node:crypto';
import { cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';
import { root } from '../tooling/paths.ts';

/** Minified and gzipped, in KiB: what every page loads, with the client in it; and the account with second factors. */
export const PAGES_BUDGETS = { app: 15, second: 12 };

const source = (file: string) => join(root, 'pages', file);

function modules() {
  const { outputFiles, metafile } = buildSync({
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
    metafile: true,
  });
  const imports = Object.entries(metafile.outputs).find(([, { entryPoint }]) =>
    entryPoint?.endsWith('src/main.ts'),
  );
  const atOnce = imports?.[1].imports.filter(({ kind }) => kind === 'import-statement') ?? [];
  const first = [imports?.[0], ...atOnce.map(({ path }) => path)].map((path) => basename(path ?? ''));
  return outputFiles.map(({ path, contents }) => {
    const name = basename(path);
    return { name, contents, part: first.includes(name) ? ('app' as const) : ('second' as const) };
  });
}

/** In KiB gzipped. */
export function pagesWeight(): Record<keyof typeof PAGES_BUDGETS, number> {
  const weight = { app: 0, second: 0 };
  for (const { contents, part } of modules())
    weight[part] += gzipSync(contents, { level: 9 }).byteLength / 1_024;
  return weight;
}

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
    shared: made.find(({ name, part }) => part === 'app' && !name.startsWith('app-'))?.name ?? '',
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
