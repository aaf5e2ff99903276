/**
 * The secrets of a checkout: random, made once, and kept in `.dev.vars`, which only its owner may read. They are never
 * replaced silently, because all passwords and tokens depend on them. A secret that a newer release needs is added.
 */
import { parseEnv } from 'node:util';
import { type KeyName, keyKinds } from '../tooling/key-values.ts';
import { endingInLine, ownPart, writePrivately } from './env-files.ts';

const HEADER =
  '# Secrets of this checkout, made by `npm run dev`. Any name in .dev.vars.example may be set here too.\n';

export function ensureSecrets(file: string, environment: NodeJS.Dict<string> = {}): void {
  const written = ownPart(file);
  const present = parseEnv(written);
  const names = Object.keys(keyKinds) as KeyName[];
  const missing = names.filter((name) => !present[name] && !environment[name]);
  const lines = missing.map((name) => `${name}='${keyKinds[name].make()}'\n`);
  if (lines.length > 0) writePrivately(file, endingInLine(written || HEADER) + lines.join(''));
}
