/**
 * Codes of authenticator apps (RFC 6238): six digits, SHA-1 and 30 seconds, which is what all apps understand. A code
 * of the step before or after counts too (RFC 6238 section 5.2). Whether its step was used before is judged by the
 * statement that takes it.
 */
import { createHmac } from 'node:crypto';
import type { TOTP } from 'otpauth/bare';
import type { KeyRing } from '../lib/key-ring.ts';
import { open, type Sealed, seal } from '../lib/sealed.ts';

/** RFC 4226 section 4 recommends 160 bits. */
const SECRET_BYTES = 20;
const STEP_SECONDS = 30;
const NEIGHBOURS = 1;

export const newSecret = (): Uint8Array => crypto.getRandomValues(new Uint8Array(SECRET_BYTES));

const bindingOf = (userId: string) => ({ purpose: 'totp', owner: userId });

export const sealSecret = (keys: KeyRing, secret: Uint8Array, userId: string): Promise<Sealed> =>
  seal(keys, secret, bindingOf(userId));

/** Undefined when it is not this person's, or when its key is not configured. */
export const openSecret = (keys: KeyRing, sealed: Sealed, userId: string): Promise<Uint8Array | undefined> =>
  open(keys, sealed, bindingOf(userId));

async function totpOf(secret: Uint8Array, names: { issuer?: string; label?: string } = {}): Promise<TOTP> {
  // Loaded when first used: most requests need neither.
  const { Secret, TOTP } = await import('otpauth/bare');
  const hmac = (algorithm: string, key: Uint8Array, message: Uint8Array) =>
    new Uint8Array(createHmac(algorithm.replace('-', ''), key).update(message).digest());
  return new TOTP({ ...names, secret: new Secret({ buffer: new Uint8Array(secret).buffer }), hmac });
}

/** The step of a right code; undefined for a wrong one. */
export async function stepOf(secret: Uint8Array, code: string, now: Date): Promise<number | undefined> {
  const timestamp = now.getTime();
  const delta = (await totpOf(secret)).validate({ token: code, timestamp, window: NEIGHBOURS });
  return delta === null ? undefined : Math.floor(timestamp / 1_000 / STEP_SECONDS) + delta;
}

/** What an app scans, or is told by hand. The picture is made here: the secret goes to nobody else. */
export async function shownSecret(
  secret: Uint8Array,
  { issuer, label }: { issuer: string; label: string },
): Promise<{ secret: string; uri: string; qr: string }> {
  const totp = await totpOf(secret, { issuer, label });
  const uri = totp.toString();
  const { renderSVG } = await import('uqr');
  return { secret: totp.secret.base32, uri, qr: renderSVG(uri) };
}
