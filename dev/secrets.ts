/**
 * The secrets of a new checkout: made once, random, kept in `.dev.vars` which only its owner may read. They
 * are never replaced silently, because every password and token made so far depends on them.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';

export function generateSecrets(file: string): void {
  const lines = [
    '# Secrets of this checkout, made by `npm run dev`. Any name in .dev.vars.example may be set here too.',
    `ACCESS_TOKEN_KEYS='${JSON.stringify({ current: signingKey(), next: signingKey(), retired: [] })}'`,
    `REFRESH_TOKEN_SECRETS=${symmetricKey()}`,
    `PASSWORD_PEPPERS=${symmetricKey()}`,
    `MAIL_SECRETS=${symmetricKey()}`,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600, flag: 'wx' });
}

function signingKey() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), kid: keyId(), alg: 'ES256', use: 'sig' };
}

/** `kid:base64url`, 256 bits. */
function symmetricKey(): string {
  return `${keyId()}:${randomBytes(32).toString('base64url')}`;
}

function keyId(): string {
  return randomBytes(4).toString('hex');
}
