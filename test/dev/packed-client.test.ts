/** What a newcomer does with the guide: install the packed client into an empty folder, and copy the code. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildPackage } from '../../dev/build-packages.ts';
import { tool } from '../../tooling/paths.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-newcomer-'));
const installed = join(folder, 'node_modules/@gatehouse/client');
/** What the code leaves to whoever copies it. */
const OF_THE_READER = 'declare const email: string, password: string, show: (status: string) => void;\n';
const blocksOf = (path: string) =>
  [...readFileSync(path, 'utf8').matchAll(/```ts\n(.*?)```/gs)]
    .map(([, code = '']) => code)
    .filter((code) => code.includes('@gatehouse/client'));

beforeAll(() => {
  buildPackage('packages/client');
  const packing = ['pack', '--workspace', '@gatehouse/client', '--pack-destination', folder, '--json'];
  const [{ filename }] = JSON.parse(execFileSync('npm', packing, { encoding: 'utf8' })) as [
    { filename: string },
  ];
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', join(folder, filename), '-C', installed, '--strip-components=1']);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the code of the guide and of both READMEs compiles against its types alone, and can be bundled', () => {
  const blocks = ['docs/integrate.md', 'README.md', 'packages/client/README.md'].flatMap(blocksOf);
  expect(blocks.length).toBe(4);
  const files = blocks.map((code, number) => {
    const file = join(folder, `copied-${number}.ts`);
    writeFileSync(file, OF_THE_READER + code);
    return file;
  });
  const strict = ['--strict', '--exactOptionalPropertyTypes', '--noEmit', '--module', 'esnext'];
  const { stdout } = spawnSync(
    process.execPath,
    [tool.tsc, ...strict, '--moduleResolution', 'bundler', '--target', 'es2022', '--types', '', ...files],
    { cwd: folder, encoding: 'utf8' },
  );
  expect(stdout).toBe('');
  for (const file of files) buildSync({ entryPoints: [file], bundle: true, format: 'esm', write: false });
});

test('codes are a closed list, and each call has its own', () => {
  const file = join(folder, 'codes.ts');
  writeFileSync(
    file,
    `import { GatehouseError, type CodeOf } from '@gatehouse/client';
     export const hint = (error: GatehouseError) => error.code === 'invalid_code';
     export const one: CodeOf<'POST /login'> = 'login_locked';
     // @ts-expect-error: login is never refused so
     export const other: CodeOf<'POST /login'> = 'invalid_code';
     // @ts-expect-error: there is no such code
     export const typo = (error: GatehouseError) => error.code === 'invalid_cod';`,
  );
  const options = [
    '--strict',
    '--noEmit',
    '--module',
    'esnext',
    '--moduleResolution',
    'bundler',
    '--types',
    '',
  ];
  const { stdout } = spawnSync(process.execPath, [tool.tsc, ...options, file], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(stdout).toBe('');
});
