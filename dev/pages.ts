/**
 * Builds the pages for people: the module that all load, a second one for the account and second factors, the style file, the
 * languages, and the shell that names them. What both modules use is a file of its own, which the shell asks for at the
 * same time. The page for operators is built in the same way, as one module. `npm run build` checks the sizes.
 */
import { createHash } from 'node:crypto';
import { cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';
import { root } from '../tooling/paths.ts';

/** Minified and gzipped, in KiB: what every page loads, with the client in it; and the account with second factors; and the page for operators. */
export const PAGES_BUDGETS = { app: 15, second: 12, admin: 12 };

const entries = { app: 'src/main.ts', admin: 'src/admin/main.ts' };

const source = (file: string) => join(root, 'pages', file);

function modules(entry: keyof typeof entries) {
  const { outputFiles, metafile } = buildSync({
    entryPoints: { [entry]: source(entries[entry]) },
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
    entryPoint?.endsWith(entries[entry]),
  );
  const atOnce = imports?.[1].imports.filter(({ kind }) => kind === 'import-statement') ?? [];
  const first = [imports?.[0], ...atOnce.map(({ path }) => path)].map((path) => basename(path ?? ''));
  return outputFiles.map(({ path, contents }) => {
    const name = basename(path);
    return { name, contents, part: first.includes(name) ? entry : ('second' as const) };
  });
}

/** In KiB gzipped. */
export function pagesWeight(): Record<keyof typeof PAGES_BUDGETS, number> {
  const weight = { app: 0, second: 0, admin: 0 };
  for (const { contents, part } of [...modules('app'), ...modules('admin')])
    weight[part] += gzipSync(contents, { level: 9 }).byteLength / 1_024;
  return weight;
}

/** The pages for people, into the assets of the API Worker. */
export function buildPages(assets: string): void {
  build(assets, 'app', globSync(source('languages/*.json')).sort(), 'shell.html');
}

/** The page for operators, which is in English, into the assets of the admin Worker. */
export function buildAdminPage(assets: string): void {
  build(assets, 'admin', [source('languages/en.json')], 'admin.html');
}

function build(assets: string, entry: keyof typeof entries, languages: string[], shell: string): void {
  const folder = join(assets, 'pages');
  mkdirSync(folder, { recursive: true });
  const made = modules(entry);
  for (const { name, contents } of made) writeFileSync(join(folder, name), contents);
  const look = readFileSync(source('look.css'), 'utf8');
  writeFileSync(join(folder, 'look.css'), look);
  const words = languages.map((file) => readFileSync(file, 'utf8'));
  // Without the white space of the source.
  for (const [at, file] of languages.entries())
    writeFileSync(join(folder, basename(file)), JSON.stringify(JSON.parse(words[at] ?? '')));
  cpSync(source('brand'), join(assets, 'brand'), { recursive: true });
  const isEntry = (name: string) => name.startsWith(`${entry}-`);
  const names: Record<string, string> = {
    app: made.find(({ name }) => isEntry(name))?.name ?? '',
    shared: made.find(({ name, part }) => part === entry && !isEntry(name))?.name ?? '',
    look: digest(look),
    words: digest(words.join()),
  };
  writeFileSync(
    join(assets, 'shell.html'),
    readFileSync(source(shell), 'utf8').replace(/%(\w+)%/g, (_, name: string) => names[name] ?? ''),
  );
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);
