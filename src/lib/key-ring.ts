/**
 * A ring of symmetric keys under rotation: the first key makes, all keys check. Text form, newest first:
 * `kid:base64url,kid:base64url`, each key at least 256 bits.
 */

export type Key = { id: string; secret: Uint8Array };
export type KeyRing = readonly [Key, ...Key[]];

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
  const secret = new Uint8Array(Buffer.from(encoded, 'base64url'));
  if (secret.length < MIN_KEY_BYTES) throw new Error(`has a key shorter than ${MIN_KEY_BYTES} bytes (${id})`);
  // 32 random bytes hold about 30 distinct values; under 16 is a hand-typed or repeated key.
  if (new Set(secret).size < 16) throw new Error(`has a key that is not random (${id})`);
  return { id, secret };
}

export function keyById(ring: KeyRing, id: string): Key | undefined {
  return ring.find((key) => key.id === id);
}
