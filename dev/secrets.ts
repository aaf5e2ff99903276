/**
 * The secrets of a new checkout: made once, random, kept in `.dev.vars` which only its owner may read. They
 * are never replaced silently, because every password and token made so far depends on them.
 */
import { writeFileSync } from 'node:fs';
import { keyKinds } from '../tooling/key-values.ts';

export function generateSecrets(file: string): void {
  const lines = [
    '# Secrets of this checkout, made by `npm run dev`. Any name in .dev.vars.example may be set here too.',
    `ACCESS_TOKEN_KEYS='${keyKinds.ACCESS_TOKEN_KEYS.make()}'`,
    `REFRESH_TOKEN_SECRETS=${keyKinds.REFRESH_TOKEN_SECRETS.make()}`,
    `PASSWORD_PEPPERS=${keyKinds.PASSWORD_PEPPERS.make()}`,
    `MAIL_SECRETS=${keyKinds.MAIL_SECRETS.make()}`,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600, flag: 'wx' });
}
