/**
 * Settings as wrangler reads them: a `.dev.vars` beside each wrangler.toml. While the services of the local stack run,
 * each file has a part that says where they are, so that a plain `wrangler dev` works; it goes when they stop, and
 * what its owner has written before or after it stays.
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import type { WorkerName } from '../src/config/setting.ts';
import { constantCase, settingsFor } from '../src/config/settings.ts';

const START = '# --- Made by the local stack, while it runs ---\n';
const END = '# --- End of what the local stack has made ---\n';

/** What its owner has written into the file; empty when there is none. */
export function ownPart(file: string): string {
  if (!existsSync(file)) return '';
  const [before = '', ...rest] = readFileSync(file, 'utf8').split(START);
  return before + rest.map((part) => part.split(END)[1] ?? '').join('');
}

/** Adds every setting that the Worker reads and `values` has, until it is closed. Only the owner may read the file. */
export function lendSettings(
  file: string,
  worker: WorkerName,
  values: Record<string, string>,
): { close(): Promise<void> } {
  const own = ownPart(file);
  const known = parseEnv(own);
  const lines = settingsFor(worker)
    .map(([name]) => constantCase(name))
    .flatMap((name) => {
      const value = values[name];
      return value && value !== known[name] ? [`${name}=${quoted(value)}\n`] : [];
    });
  writePrivately(file, [endingInLine(own), START, ...lines, END].join(''));
  return {
    async close() {
      const own = ownPart(file);
      if (own.trim() === '') rmSync(file, { force: true });
      else writePrivately(file, own);
    },
  };
}

/** For the owner alone, whatever the mode of the file was before. */
export function writePrivately(file: string, text: string): void {
  const next = `${file}.next`;
  rmSync(next, { force: true });
  writeFileSync(next, text, { mode: 0o600 });
  renameSync(next, file);
}

export const endingInLine = (text: string) => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

/** JSON holds double quotes; a name in a mail may hold single ones. */
function quoted(value: string): string {
  const quote = [`'`, '"', '`'].find((one) => !value.includes(one)) ?? '';
  return quote + value + quote;
}
