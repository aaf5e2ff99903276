/**
 * Password records: scrypt (RFC 7914), then HMAC-SHA-256 with a pepper that is not in the database, written
 * as a PHC string: `$scrypt$ln=14,r=8,p=5,keyid=K$salt$hash` (base64 without padding, as PHC prescribes).
 *
 * All records of one address share their salt, so checking a password costs exactly one scrypt whatever there is
 * to check it against: nothing, an account, sign-ups that wait for proof, or all of these.
 */
import { createHmac, scryptSync, timingSafeEqual } from 'node:crypto';
import { scrypt as nobleScrypt } from '@noble/hashes/scrypt.js';
import { type KeyRing, keyById } from './key-ring.ts';

/** `N` is the cost (a power of two), `r` the block size in units of 128 bytes, `p` the parallelism. */
export type ScryptParameters = { N: number; r: number; p: number };
export type Scrypt = (password: string, salt: Uint8Array, parameters: ScryptParameters) => Uint8Array;

/** OWASP's equal of N=2^17, r=8, p=1 that needs 16 MiB instead of 128 (an isolate has 128 in all). */
export const FULL_PRICE: ScryptParameters = { N: 2 ** 14, r: 8, p: 5 };
const HASH_BYTES = 32;
const SALT_BYTES = 16;

/** The platform's own scrypt. In workerd it runs on the isolate's thread: see hash-queue.ts. */
export const nativeScrypt: Scrypt = (password, salt, parameters) =>
  scryptSync(password, salt, HASH_BYTES, { ...parameters, maxmem: 64 * 1024 * 1024 });

/** The same function in plain JavaScript, for a runtime without `node:crypto`; several times slower. */
export const portableScrypt: Scrypt = (password, salt, parameters) =>
  nobleScrypt(new TextEncoder().encode(password), salt, { ...parameters, dkLen: HASH_BYTES });

export type PasswordHasher = {
  /** A new record for a password at an address. */
  hash(password: string, address: string): string;
  /** The index of the first record the password fits, or -1. */
  match(password: string, records: readonly string[]): number;
  /** Whether the record was made with today's parameters and pepper, and for this address. */
  isCurrent(record: string, address: string): boolean;
};

export function createPasswordHasher(
  peppers: KeyRing,
  scrypt: Scrypt,
  parameters = FULL_PRICE,
): PasswordHasher {
  const [pepper] = peppers;
  const { N, r, p } = parameters;
  const settings = `$scrypt$ln=${Math.log2(N)},r=${r},p=${p},keyid=${pepper.id}$`;

  /** Unique to the address and unknowable without the pepper; docs/decisions/0002 says why it is not random. */
  const saltFor = (address: string) =>
    createHmac('sha256', pepper.secret).update(`salt:${address}`).digest().subarray(0, SALT_BYTES);

  const settingFor = (address: string) => `${settings}${base64(saltFor(address))}$`;

  /** Hashed against when there is no record, so that an unknown person costs what a known one does. */
  const dummy = settingFor('');

  return {
    hash(password, address) {
      const derived = scrypt(canonical(password), saltFor(address), parameters);
      return settingFor(address) + base64(peppered(derived, pepper.secret));
    },
    match(password, records) {
      const [setting, salt, price, key] = read(records[0] ?? dummy, peppers);
      const expected = peppered(scrypt(canonical(password), salt, price), key);
      return records.findIndex((record) => {
        const found = Buffer.from(record.slice(setting.length), 'base64');
        return record.startsWith(setting) && found.length === HASH_BYTES && timingSafeEqual(found, expected);
      });
    },
    isCurrent: (record, address) => record.startsWith(settingFor(address)),
  };
}

const PHC = /^(\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2}),keyid=([A-Za-z0-9_-]+)\$([A-Za-z0-9+/]+)\$)/;

function read(record: string, peppers: KeyRing): [string, Uint8Array, ScryptParameters, Uint8Array] {
  const [, setting = '', ln, r, p, keyId = '', salt = ''] = PHC.exec(record) ?? [];
  const key = keyById(peppers, keyId);
  // Not the caller's fault and not a wrong password: a pepper was removed that records still need.
  if (key === undefined) throw new Error(`a password record names a pepper that is not configured: ${keyId}`);
  return [
    setting,
    Buffer.from(salt, 'base64'),
    { N: 2 ** Number(ln), r: Number(r), p: Number(p) },
    key.secret,
  ];
}

/** NIST SP 800-63B-4 section 3.1.1.2: one normalization, NFC, so the same characters typed elsewhere still fit. */
const canonical = (password: string) => password.normalize('NFC');

const peppered = (derived: Uint8Array, pepper: Uint8Array) =>
  createHmac('sha256', pepper).update(derived).digest();

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replaceAll('=', '');
