/**
 * Symmetric keys of at least 256 bits. A key ring is written `kid:base64url,kid:base64url`, newest first: its first
 * key signs, and all of them verify. A single secret is written in base64url.
 */
import { createHmac } from 'node:crypto';

export type Key = { id: string; secret: Uint8Array };
export type KeyRing = readonly [Key, ...Key[]];

/**
 * In place of the id of a mail key: the first key of the Worker that writes the mail. Operators have no key at all, so
 * what they start names none, and they can derive neither a code nor a link. No key has this id.
 */
export const ANY_KEY = '*';

const MIN_KEY_BYTES = 32;

/** Throws an Error whose message says what is wrong without repeating any of the secret. */
export function parseKeyRing(text: string): KeyRing {
  const [first, ...older] = text.split(',').map((part) => parseKey(part.trim()));
  if (first === undefined) throw new Error('is empty');
  const ring: KeyRing = [first, ...older];
  if (new Set(ring.map((key) => key.id)).size !== ring.length) throw new Error('has one key id twice');
  return ring;
}

function parseKey(text: string): Key {
  const [, id, encoded] = /^([A-Za-z0-9_-]{1,16}):([A-Za-z0-9_-]+)$/.exec(text) ?? [];
  if (id === undefined || encoded === undefined) throw new Error('is not of the form kid:base64url');
  return { id, secret: randomBytesOf(encoded, ` (${id})`) };
}

/** Throws an Error whose message says what is wrong without repeating any of the secret. */
export function parseSecret(text: string): Uint8Array {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) throw new Error('is not base64url');
  return randomBytesOf(text, '');
}

function randomBytesOf(encoded: string, which: string): Uint8Array {
  const secret = new Uint8Array(Buffer.from(encoded, 'base64url'));
  if (secret.length < MIN_KEY_BYTES) throw new Error(`has a key shorter than ${MIN_KEY_BYTES} bytes${which}`);
  // 32 random bytes hold about 30 distinct values; under 16 is a hand-typed or repeated key.
  if (new Set(secret).size < 16) throw new Error(`has a key that is not random${which}`);
  return secret;
}

/**
 * A key for one purpose, derived from another. Somebody who has it knows neither the secret nor the other derived
 * keys.
 */
export const deriveKey = (secret: Uint8Array, purpose: string): Uint8Array =>
  createHmac('sha256', secret).update(purpose).digest();

export function keyById(ring: KeyRing, id: string): Key | undefined {
  return ring.find((key) => key.id === id);
}
