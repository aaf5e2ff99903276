/**
 * The hash functions of other systems, each to be compared with a digest that was imported. Behind `import()`: an
 * installation without imported people never loads it.
 *
 * Passwords are hashed as they were typed, as the old systems do it. Only better-auth normalizes them (NFKC).
 */
import { createCipheriv, pbkdf2Sync, scryptSync } from 'node:crypto';
import { argon2i, argon2id } from '@noble/hashes/argon2.js';
import { decodeBase64, encodeBase64, hashSync } from 'bcryptjs';
import type { ForeignDigest } from './imported-record.ts';
import { MAX_MEMORY_BYTES } from './scrypt.ts';

/** `$2b$10$` and 22 characters of salt stand before the digest. */
const BCRYPT_HEAD = 29;
const AES_KEY_BYTES = 32;
const FIREBASE_BYTES = 64;

/**
 * `length` is the length of the digest in bytes. For `firebase-scrypt` the digest is the key stream that Firebase
 * encrypts its signer key with; for PBKDF2 it is at most one block, which is enough to compare (RFC 8018 section 5.2).
 */
export const foreignDigest: ForeignDigest = ({ name, cost }, password, salt, length) => {
  const [first = 0, second = 0, third = 1] = cost;
  switch (name) {
    case 'bcrypt':
      return bcrypt(password, salt, first);
    case 'scrypt':
      return scrypt(password, salt, [first, second, third], length);
    case 'better-auth':
      return scrypt(password.normalize('NFKC'), salt, [first, second, third], length);
    case 'firebase-scrypt':
      return keyStream(scrypt(password, salt, [first, second, 1], FIREBASE_BYTES), length);
    case 'argon2id':
      return argon2id(password, salt, { m: first, t: second, p: third, dkLen: length });
    case 'argon2i':
      return argon2i(password, salt, { m: first, t: second, p: third, dkLen: length });
    case 'pbkdf2-sha256':
      return pbkdf2Sync(password, salt, first, length, 'sha256');
    case 'pbkdf2-sha512':
      return pbkdf2Sync(password, salt, first, length, 'sha512');
  }
};

/** `$2a$`, `$2b$` and `$2y$` are one function in every implementation that is not older than 2014. */
function bcrypt(password: string, salt: Uint8Array, cost: number): Uint8Array {
  const settings = `$2b$${String(cost).padStart(2, '0')}$${encodeBase64([...salt], salt.length)}`;
  return Uint8Array.from(decodeBase64(hashSync(password, settings).slice(BCRYPT_HEAD), 23));
}

function scrypt(
  password: string,
  salt: Uint8Array,
  [ln, r, p]: [number, number, number],
  length: number,
): Uint8Array {
  return scryptSync(password, salt, length, { N: 2 ** ln, r, p, maxmem: 2 * MAX_MEMORY_BYTES });
}

/** AES-256-CTR with a zero counter, over zeros. */
function keyStream(key: Uint8Array, length: number): Uint8Array {
  const cipher = createCipheriv('aes-256-ctr', key.subarray(0, AES_KEY_BYTES), Buffer.alloc(16));
  return cipher.update(Buffer.alloc(length));
}
