/**
 * Reads password hashes as other systems write them down: crypt(3) for bcrypt, PHC strings for argon2, scrypt and PBKDF2,
 * and the forms of passlib, Django, Kratos, Supabase and better-auth.
 */
import { decodeBase64 } from 'bcryptjs';
import { type FormatName, importFormat } from '../../src/lib/import-formats.ts';
import type { ForeignHash } from '../../src/lib/imported-record.ts';

/** What better-auth hashes with; its records do not say. */
const BETTER_AUTH = [14, 16, 1];
const BLOCK_BYTES = { 'pbkdf2-sha256': 32, 'pbkdf2-sha512': 64 };
const FIREBASE_BYTES = 64;
const MIN_DIGEST_BYTES = 16;
const MAX_DIGEST_BYTES = 128;

const BCRYPT = /^\$2[aby]\$(\d\d)\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$/;
const ARGON2 = /^\$(argon2id|argon2i)\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/;
const SCRYPT = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/;
const KRATOS_FIREBASE = /^\$firescrypt\$ln=(\d+),r=(\d+),p=1\$([^$]+)\$([^$]+)\$([^$]*)\$([^$]+)$/;
const SUPABASE_FIREBASE = /^\$fbscrypt\$v=1,n=(\d+),r=(\d+),p=1,ss=([^,$]*),sk=([^,$]+)\$([^$]+)\$([^$]+)$/;
const PBKDF2 = /^\$(pbkdf2-sha(?:256|512))\$(?:i=)?(\d+)(?:,l=\d+)?\$([^$]+)\$([^$]+)$/;
const DJANGO = /^pbkdf2_(sha256)\$(\d+)\$([^$]+)\$([^$]+)$/;
const BETTER = /^([0-9a-f]{32}):([0-9a-f]{128})$/;

/** Undefined when it is none of the known forms. */
export function readHash(text: string): ForeignHash | undefined {
  for (const read of [bcrypt, argon2, scrypt, firebaseText, pbkdf2, django, betterAuth]) {
    const hash = read(text);
    if (hash === undefined) continue;
    const { length } = hash.digest;
    const isWhole = hash.salt.length > 0 && length >= MIN_DIGEST_BYTES && length <= MAX_DIGEST_BYTES;
    return isWhole ? hash : undefined;
  }
  return undefined;
}

const bytes = (base64: string): Uint8Array =>
  // passlib writes `.` for `+`.
  new Uint8Array(Buffer.from(base64.replaceAll('.', '+'), 'base64'));

const hashOf = (name: FormatName, cost: (string | number)[], salt: Uint8Array, digest: Uint8Array) => ({
  format: importFormat(name, cost.map(Number)),
  salt,
  digest,
});

function bcrypt(text: string): ForeignHash | undefined {
  const [, cost, salt, digest] = BCRYPT.exec(text) ?? [];
  if (!cost || !salt || !digest) return undefined;
  const decoded = (part: string, length: number) => Uint8Array.from(decodeBase64(part, length));
  return hashOf('bcrypt', [cost], decoded(salt, 16), decoded(digest, 23));
}

function argon2(text: string): ForeignHash | undefined {
  const [, name, m, t, p, salt, digest] = ARGON2.exec(text) ?? [];
  if (!name || !m || !t || !p || !salt || !digest) return undefined;
  return hashOf(name === 'argon2i' ? 'argon2i' : 'argon2id', [m, t, p], bytes(salt), bytes(digest));
}

function scrypt(text: string): ForeignHash | undefined {
  const [, ln, r, p, salt, digest] = SCRYPT.exec(text) ?? [];
  if (!ln || !r || !p || !salt || !digest) return undefined;
  // Kratos writes N itself.
  const log = Number(ln) > 30 ? Math.log2(Number(ln)) : Number(ln);
  return Number.isInteger(log) ? hashOf('scrypt', [log, r, p], bytes(salt), bytes(digest)) : undefined;
}

/** As Kratos and Supabase write it, with the keys of the project in every record. */
function firebaseText(text: string): ForeignHash | undefined {
  const kratos = KRATOS_FIREBASE.exec(text);
  const [, memoryCost, rounds, salt = '', hash = '', separator = '', signerKey = ''] = kratos ?? [];
  if (kratos)
    return firebaseHash(
      { memoryCost: Number(memoryCost), rounds: Number(rounds), separator, signerKey },
      salt,
      hash,
    );
  const supabase = SUPABASE_FIREBASE.exec(text);
  if (!supabase) return undefined;
  const [, n, r, ss = '', sk = '', ownSalt = '', ownHash = ''] = supabase;
  return firebaseHash(
    { memoryCost: Number(n), rounds: Number(r), separator: ss, signerKey: sk },
    ownSalt,
    ownHash,
  );
}

/** The parameters of a Firebase project; `separator` and `signerKey` are in base64. */
export type FirebaseKeys = { memoryCost: number; rounds: number; separator: string; signerKey: string };

/**
 * Firebase stores its signer key, encrypted by AES-256-CTR with the scrypt of the password. Without the signer key, the
 * key stream is left: it is what we compare, so that no secret of the project is needed at a login.
 */
export function firebaseHash(
  { memoryCost, rounds, separator, signerKey }: FirebaseKeys,
  salt: string,
  hash: string,
): ForeignHash | undefined {
  const [key, encrypted] = [bytes(signerKey), urlBytes(hash)];
  if (encrypted.length !== FIREBASE_BYTES || key.length !== FIREBASE_BYTES) return undefined;
  const keyStream = encrypted.map((byte, index) => byte ^ (key[index] ?? 0));
  const salted = Buffer.concat([urlBytes(salt), bytes(separator)]);
  return hashOf('firebase-scrypt', [memoryCost, rounds], new Uint8Array(salted), keyStream);
}

/** The export of Firebase is in base64url, its console shows base64. Node reads both. */
const urlBytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

function pbkdf2(text: string): ForeignHash | undefined {
  const [, name, iterations, salt, digest] = PBKDF2.exec(text) ?? [];
  if (!iterations || !salt || !digest) return undefined;
  const hash = name === 'pbkdf2-sha512' ? name : 'pbkdf2-sha256';
  return pbkdf2Hash(hash, Number(iterations), bytes(salt), bytes(digest));
}

/** One block is enough to compare, and an attacker computes no more either. */
export const pbkdf2Hash = (
  name: 'pbkdf2-sha256' | 'pbkdf2-sha512',
  iterations: number,
  salt: Uint8Array,
  digest: Uint8Array,
): ForeignHash => hashOf(name, [iterations], salt, digest.subarray(0, BLOCK_BYTES[name]));

function django(text: string): ForeignHash | undefined {
  const [, , iterations, salt, digest] = DJANGO.exec(text) ?? [];
  if (!iterations || !salt || !digest) return undefined;
  return pbkdf2Hash('pbkdf2-sha256', Number(iterations), new TextEncoder().encode(salt), bytes(digest));
}

/** The salt is used as it is written: its hexadecimal digits. */
function betterAuth(text: string): ForeignHash | undefined {
  const [, salt, digest] = BETTER.exec(text) ?? [];
  if (!salt || !digest) return undefined;
  return hashOf(
    'better-auth',
    BETTER_AUTH,
    new TextEncoder().encode(salt),
    new Uint8Array(Buffer.from(digest, 'hex')),
  );
}
