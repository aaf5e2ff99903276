/**
 * Password records of people who were imported: the digest of the old system, wrapped so that a stolen table is as
 * worthless as with our own records (docs/decisions/0021). A digest of bcrypt, scrypt or argon2 is wrapped by HMAC under a
 * pepper that is not in the database. One that is cheap to compute (PBKDF2) goes through our scrypt before that.
 *
 * `$imported$bcrypt:10,l=23,keyid=K$salt$mac`, in base64 without padding. `l` is the length of the digest in bytes. The
 * MAC covers the address, so a record that is copied to another person fits nothing.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { type ImportFormat, isFast } from './import-formats.ts';
import { deriveKey, type Key, type KeyRing, keyById } from './key-ring.ts';
import { parseScryptCosts, type Scrypt } from './scrypt.ts';

/** Never changed: it is not written into the records. */
const [WRAP_COST] = parseScryptCosts('ln=14,r=8,p=5');

const MARK = '$imported$';

const RECORD =
  /^\$imported\$([a-z0-9-]+:[a-z0-9=,]+),l=([1-9]\d{0,2}),keyid=([\w-]{1,16})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]{43})$/;

/** A digest of the old system, and the salt that it was made with. */
export type ForeignHash = { format: ImportFormat; salt: Uint8Array; digest: Uint8Array };

type ImportedRecord = { format: string; length: number; keyId: string; salt: Uint8Array; mac: Uint8Array };

export const isImported = (record: string): boolean => record.startsWith(MARK);

export function parseImported(record: string): ImportedRecord | undefined {
  const [, format, length, keyId, salt, mac] = RECORD.exec(record) ?? [];
  if (!format || !keyId || !salt || !mac) return undefined;
  return { format, length: Number(length), keyId, salt: bytesOf(salt), mac: bytesOf(mac) };
}

/** An scrypt that may work beside others. */
type SlowScrypt = (...args: Parameters<Scrypt>) => Uint8Array | Promise<Uint8Array>;

/** What the import stores. `scrypt` is only used for a format that is fast. */
export async function wrapHash(
  { format, salt, digest }: ForeignHash,
  address: string,
  pepper: Key,
  scrypt: SlowScrypt,
): Promise<string> {
  const slow = isFast(format) ? await scrypt(base64(digest), salt, WRAP_COST) : digest;
  const mac = macOf(slow, address, pepper);
  return `${MARK}${format.text},l=${digest.length},keyid=${pepper.id}$${base64(salt)}$${base64(mac)}`;
}

const macOf = (digest: Uint8Array, address: string, pepper: Key): Uint8Array =>
  createHmac('sha256', deriveKey(pepper.secret, 'imported password'))
    .update(`${address}\0`)
    .update(digest)
    .digest();

/** Computes the digest of the old system. Loaded when it is first needed (foreign-digest.ts). */
export type ForeignDigest = (
  format: ImportFormat,
  password: string,
  salt: Uint8Array,
  length: number,
) => Uint8Array;

export type ImportSettings = { importFormats: readonly ImportFormat[]; importPeppers: KeyRing | undefined };

/** For a format that the record at hand, if any, does not have: the work is the same, and nothing is compared. */
const NO_SALT = new Uint8Array(16);
const USUAL_LENGTH: Partial<Record<ImportFormat['name'], number>> = {
  bcrypt: 23,
  'better-auth': 64,
  'firebase-scrypt': 64,
  'pbkdf2-sha512': 64,
};

/**
 * Compares a password with one imported record, or with none. It runs each listed format exactly once at its listed
 * cost, and our scrypt once if a fast one is listed, whatever the record is. So the work tells nothing of the address.
 */
export async function fitsImported(
  { importFormats, importPeppers }: ImportSettings,
  { scrypt, loadDigest }: { scrypt: Scrypt; loadDigest: () => Promise<ForeignDigest> },
  { password, address, record }: { password: string; address: string; record: string | undefined },
): Promise<boolean> {
  if (importFormats.length === 0 || importPeppers === undefined) return false;
  const digestOf = await loadDigest();
  const own = record === undefined ? undefined : parseImported(record);
  const pepper = own && keyById(importPeppers, own.keyId);
  const macs = importFormats.map((format) => {
    const isOwn = own?.format === format.text;
    const salt = isOwn ? own.salt : NO_SALT;
    const digest = digestOf(format, password, salt, isOwn ? own.length : (USUAL_LENGTH[format.name] ?? 32));
    const slow = isFast(format) ? scrypt(base64(digest), salt, WRAP_COST) : digest;
    const mac = macOf(slow, address, pepper ?? importPeppers[0]);
    return isOwn && pepper !== undefined && timingSafeEqual(mac, own.mac);
  });
  return macs.includes(true);
}

/** Whether the settings can read a record at all. */
export function isReadable({ importFormats, importPeppers }: ImportSettings, record: string): boolean {
  const own = parseImported(record);
  if (own === undefined || importPeppers === undefined) return false;
  return (
    importFormats.some(({ text }) => text === own.format) && keyById(importPeppers, own.keyId) !== undefined
  );
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replaceAll('=', '');
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
