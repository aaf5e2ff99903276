/**
 * Settings for wrangler: a `.dev.vars` beside each wrangler.toml. While the services of the local stack run, each file
 * has a part with their addresses, so that a plain `wrangler dev` works. The part is removed when they stop. What the
 * developer has written before and after it stays.
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import type { WorkerName } from '../src/config/setting.ts';
import { constantCase, settingsFor } from '../src/config/settings.ts';

const START = '# --- Made by the local stack, while it runs ---\n';
const END = '# --- End of what the local stack has made ---\n';

/** The part that the developer has written. Empty when there is no file. */
export function ownPart(file: string): string {
  if (!existsSync(file)) return '';
  const [before = '', ...rest] = readFileSync(file, 'utf8').split(START);
  return before + rest.map((part) => part.split(END)[1] ?? '').join('');
}

/**
 * Adds every setting that the Worker reads and that is in `values`, until it is closed. Only the owner may read the
 * file.
 */
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

/** Only for the owner, whatever the mode of the file was. */
export function writePrivately(file: string, text: string): void {
  const next = `${file}.next`;
  rmSync(next, { force: true });
  writeFileSync(next, text, { mode: 0o600 });
  renameSync(next, file);
}

export const endingInLine = (text: string) => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

/** JSON has double quotes; the name in a mail address may have single ones. */
function quoted(value: string): string {
  const quote = [`'`, '"', '`'].find((one) => !value.includes(one)) ?? '';
  return quote + value + quote;
}
