/**
 * The secrets of a checkout: made once, random, kept in `.dev.vars` which only its owner may read. They are never
 * replaced silently, because every password and token made so far depends on them; one that a newer release needs
 * and the file lacks is added.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { type KeyName, keyKinds } from '../tooling/key-values.ts';

const HEADER =
  '# Secrets of this checkout, made by `npm run dev`. Any name in .dev.vars.example may be set here too.\n';

export function ensureSecrets(file: string, environment: NodeJS.Dict<string> = {}): void {
  if (!existsSync(file)) writeFileSync(file, HEADER, { mode: 0o600, flag: 'wx' });
  const written = readFileSync(file, 'utf8');
  const present = parseEnv(written);
  const names = Object.keys(keyKinds) as KeyName[];
  const missing = names.filter((name) => !present[name] && !environment[name]);
  const lines = missing.map((name) => `${name}='${keyKinds[name].make()}'\n`);
  const separator = written === '' || written.endsWith('\n') ? '' : '\n';
  if (lines.length > 0) appendFileSync(file, separator + lines.join(''));
}
