/**
 * Makes, rotates and retires keys: functions from the present value of a secret to its next one. A rotation never
 * removes a key that something valid depends on. Only `retire` does, and it says what must have ended before.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';

type PublicJwk = {
  kid: string;
  kty?: unknown;
  crv?: unknown;
  alg?: unknown;
  use?: unknown;
  x?: unknown;
  y?: unknown;
};
type PrivateJwk = PublicJwk & { d: string };
type SigningKeys = { current: PrivateJwk; next?: PrivateJwk; retired?: PublicJwk[] };

/** All secrets, and how each one is made, rotated and retired. */
export const keyKinds = {
  ACCESS_TOKEN_KEYS: { make: makeSigningKeys, rotate: rotateSigningKeys, retire: retireSigningKeys },
  REFRESH_TOKEN_SECRETS: { make: symmetricKey, rotate: rotateRing, retire: retireRing },
  PASSWORD_PEPPERS: { make: symmetricKey, rotate: rotateRing, retire: retireRing },
  IMPORT_PEPPERS: { make: symmetricKey, rotate: rotateOptional, retire: retireRing },
  MAIL_SECRETS: { make: symmetricKey, rotate: rotateRing, retire: retireRing },
  FACTOR_SECRETS: { make: symmetricKey, rotate: rotateRing, retire: retireRing },
  TICKET_SECRETS: { make: symmetricKey, rotate: rotateRing, retire: retireRing },
  BACKEND_KEYS: { make: symmetricKey, rotate: rotateOptional, retire: retireRing },
  PASSWORD_SALT_SECRET: { make: singleSecret, rotate: unchanged, retire: unchanged },
} as const;

export type KeyName = keyof typeof keyKinds;

/**
 * What must have ended before the retired keys of a secret may be removed. Undefined for a secret that is never
 * rotated.
 */
export const retireAfter: Record<KeyName, string | undefined> = {
  ACCESS_TOKEN_KEYS: 'ACCESS_TOKEN_SECONDS after the rotation was deployed (15 minutes by default)',
  REFRESH_TOKEN_SECRETS:
    'SESSION_IDLE_SECONDS after it (7 days by default): a session that is used takes the new key',
  PASSWORD_PEPPERS: 'no password hash names the key any more: docs/operations.md has the query',
  IMPORT_PEPPERS: 'no imported password hash names the key any more',
  MAIL_SECRETS: 'the longest life of a mailed link, and a day, for which mail is counted by it',
  FACTOR_SECRETS:
    'no authenticator app and no recovery codes name the key any more: docs/operations.md has the query',
  TICKET_SECRETS: '5 minutes after it, the life of a ticket',
  BACKEND_KEYS: 'every backend signs with the new key',
  PASSWORD_SALT_SECRET: undefined,
};

function signingKey(): PrivateJwk {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    ...(privateKey.export({ format: 'jwk' }) as { d: string }),
    kid: keyId(),
    alg: 'ES256',
    use: 'sig',
  };
}

/** `kid:base64url`, 256 bits. */
function symmetricKey(): string {
  return `${keyId()}:${singleSecret()}`;
}

function singleSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** With another salt secret no password would fit any more. */
function unchanged(present: string): string {
  return present;
}

const keyId = () => randomBytes(4).toString('hex');

function makeSigningKeys(): string {
  return JSON.stringify({ current: signingKey(), next: signingKey(), retired: [] });
}

/** The next key was published in the JWKS by the last rotation, so every verifier knows it when it begins to sign. */
function rotateSigningKeys(present: string): string {
  const { current, next, retired = [] }: SigningKeys = JSON.parse(present);
  if (next === undefined) {
    throw new Error('has no next key yet: deploy one first, and rotate when every verifier has seen it');
  }
  return JSON.stringify({ current: next, next: signingKey(), retired: [publicPart(current), ...retired] });
}

function retireSigningKeys(present: string): string {
  const { current, next }: SigningKeys = JSON.parse(present);
  return JSON.stringify({ current, ...(next && { next }), retired: [] });
}

/** A retired key only verifies, so its private half is removed. */
function publicPart({ kty, crv, alg, use, kid, x, y }: PublicJwk): PublicJwk {
  return { kty, crv, alg, use, kid, x, y };
}

function rotateRing(present: string): string {
  return `${symmetricKey()},${present}`;
}

/** `off` stays off. */
function rotateOptional(present: string): string {
  return present === 'off' ? present : rotateRing(present);
}

function retireRing(present: string): string {
  return present.split(',')[0] ?? '';
}
