/**
 * Secrets that are stored because they are needed again: AES-256-GCM by WebCrypto, under a key of a ring. What it is for
 * and whose it is are authenticated with it (AAD), so a sealed value copied to another row does not open there.
 */
import { deriveKey, type Key, type KeyRing, keyById } from './key-ring.ts';

/** NIST SP 800-38D section 8.2.2: 96 random bits; far below 2^32 values under one key. */
const NONCE_BYTES = 12;

/** `bytes` are the nonce, and then the ciphertext with its tag. */
export type Sealed = { keyId: string; bytes: Uint8Array };

/** What a sealed value is bound to. No part has a line break, so two different bindings never look the same. */
export type Binding = { purpose: string; owner: string };

export async function seal([key]: KeyRing, secret: Uint8Array, binding: Binding): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const encrypted = await crypto.subtle.encrypt(gcm(iv, binding), await imported(key), secret);
  return { keyId: key.id, bytes: new Uint8Array([...iv, ...new Uint8Array(encrypted)]) };
}

/** Undefined when it does not open: another owner or purpose, a changed byte, or a key that is not configured. */
export async function open(
  keys: KeyRing,
  { keyId, bytes }: Sealed,
  binding: Binding,
): Promise<Uint8Array | undefined> {
  const key = keyById(keys, keyId);
  if (key === undefined || bytes.length <= NONCE_BYTES) return undefined;
  const iv = bytes.slice(0, NONCE_BYTES);
  try {
    const opened = await crypto.subtle.decrypt(
      gcm(iv, binding),
      await imported(key),
      bytes.slice(NONCE_BYTES),
    );
    return new Uint8Array(opened);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'OperationError') return undefined;
    throw error;
  }
}

const gcm = (iv: Uint8Array, { purpose, owner }: Binding) => ({
  name: 'AES-GCM',
  iv,
  additionalData: new TextEncoder().encode(`${purpose}\n${owner}`),
});

const imported = ({ secret }: Key): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', deriveKey(secret, 'seal'), 'AES-GCM', false, ['encrypt', 'decrypt']);
