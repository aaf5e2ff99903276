/** Checks what a source has read, and makes of it what the store takes. Each refusal has one of a closed list of reasons. */
import { createHmac, scrypt as runScrypt } from 'node:crypto';
import { validate as isUuid, v7 as uuidv7 } from 'uuid';
import { sealSecret } from '../../src/factor/totp.ts';
import { nameField } from '../../src/http/fields.ts';
import { canonicalEmail } from '../../src/lib/email-address.ts';
import { formatFault, type ImportFormat } from '../../src/lib/import-formats.ts';
import { parseImported, wrapHash } from '../../src/lib/imported-record.ts';
import { deriveKey, type KeyRing } from '../../src/lib/key-ring.ts';
import { UNDETERMINED } from '../../src/lib/locale.ts';
import type { ScryptCost } from '../../src/lib/scrypt.ts';
import type { ImportedPerson } from '../../src/store/imports.ts';
import { type Candidate, RowRefused } from './candidate.ts';

export type CheckSettings = {
  formats: readonly ImportFormat[];
  /** Undefined in a dry run: nothing is wrapped, and no record leaves. */
  peppers: KeyRing | undefined;
  factorSecrets: KeyRing | undefined;
  /** People whose hash is not among the formats come without a password, and secrets of apps stay behind. */
  resetOthers: boolean;
  dropFactors: boolean;
  now: Date;
};

const MAX_ID = 255;
const MAX_NAME = 100;
const LOCALE = /^[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}$/i;
const OWN_RECORD = /^\$scrypt\$ln=\d+,r=\d+,p=\d+,keyid=[\w-]{1,16}\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/;
/** RFC 6238 takes any length; a shorter one is no secret. */
const MIN_TOTP_BYTES = 10;

/** Takes no time for most rows, and one scrypt for a hash that is fast. @throws RowRefused */
export async function check(
  candidate: Candidate,
  row: number,
  settings: CheckSettings,
): Promise<ImportedPerson> {
  const externalId = idOf(candidate.externalId);
  const email = typeof candidate.email === 'string' ? canonicalEmail(candidate.email) : undefined;
  if (email === undefined) throw new RowRefused(candidate.email ? 'bad_address' : 'no_address');
  const id = candidate.id === undefined ? uuidv7() : String(candidate.id);
  if (!isUuid(id)) throw new RowRefused('bad_id');
  const { isProven, isDisabled } = candidate;
  const passwordHash = await recordOf(candidate, email, settings);
  if (passwordHash === null && !isProven) throw new RowRefused('unproven_without_password');
  return {
    row,
    id,
    externalId,
    email,
    recipientKey: recipientKeyOf(email, settings),
    isProven,
    isDisabled,
    name: nameOf(candidate.name, email),
    locale:
      typeof candidate.locale === 'string' && LOCALE.test(candidate.locale)
        ? candidate.locale.toLowerCase()
        : UNDETERMINED,
    createdAt: instantOf(candidate.createdAt, settings.now),
    passwordHash,
    totp: await sealedTotp(candidate.totp, id, settings),
  };
}

function idOf(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || text === '') throw new RowRefused('no_id');
  if (text.length > MAX_ID || !text.isWellFormed() || text.includes('\u0000')) throw new RowRefused('bad_id');
  return text;
}

async function recordOf({ hash }: Candidate, email: string, settings: CheckSettings): Promise<string | null> {
  const { formats, peppers, resetOthers } = settings;
  if (hash === null) return null;
  if (hash === 'unknown') return refusedHash('unknown_hash', resetOthers);
  if ('own' in hash) {
    const isRecord = OWN_RECORD.test(hash.own) || parseImported(hash.own) !== undefined;
    return isRecord ? hash.own : refusedHash('unknown_hash', resetOthers);
  }
  const { text } = hash.format;
  if (formatFault(hash.format) !== undefined) return refusedHash(`unrunnable_hash ${text}`, resetOthers);
  if (!formats.some((format) => format.text === text))
    return refusedHash(`unlisted_hash ${text}`, resetOthers);
  return peppers === undefined ? 'dry' : wrapHash(hash, email, peppers[0], scryptBeside);
}

function refusedHash(reason: string, resetOthers: boolean): null {
  if (!resetOthers) throw new RowRefused(reason);
  return null;
}

/** On the threads of libuv, so that all cores work. */
const scryptBeside = (password: string, salt: Uint8Array, { N, r, p }: ScryptCost): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const maxmem = 256 * N * r;
    runScrypt(password, salt, 32, { N, r, p, maxmem }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });

/** Mail to `name+tag@` is counted with mail to `name@`, as mail/recipient.ts does. */
const recipientKeyOf = (email: string, { peppers }: CheckSettings): string =>
  createHmac('sha256', deriveKey(peppers?.[0].secret ?? new Uint8Array(), 'recipient'))
    .update(email.replace(/\+.*@/, '@'))
    .digest('hex');

/** What is left of a name without characters that no name here may have; otherwise the part before the @. */
function nameOf(value: unknown, email: string): string {
  const text = typeof value === 'string' ? value.toWellFormed() : '';
  const clean = text.replace(/\p{Cc}|\p{Cf}|\u2028|\u2029/gu, ' ').trim();
  const { success, data } = nameField.safeParse([...clean].slice(0, MAX_NAME).join(''));
  return success ? data : (email.split('@')[0] ?? email);
}

/** Of a date, or of milliseconds since 1970. Never in the future; now, when there is none. */
function instantOf(value: unknown, now: Date): Date {
  const text = typeof value === 'string' ? value.trim() : value;
  const isCount = typeof text === 'number' || (typeof text === 'string' && /^\d{11,14}$/.test(text));
  const at = isCount ? Number(text) : typeof text === 'string' ? Date.parse(text) : Number.NaN;
  return at > 0 && at <= now.getTime() ? new Date(at) : now;
}

async function sealedTotp(
  value: unknown,
  id: string,
  { factorSecrets, dropFactors, peppers }: CheckSettings,
): Promise<ImportedPerson['totp']> {
  if (value === undefined || value === null || value === '' || dropFactors) return null;
  const secret =
    typeof value === 'object' && 'bytes' in value ? (value.bytes as Uint8Array) : fromBase32(value);
  if (secret === undefined || secret.length < MIN_TOTP_BYTES) throw new RowRefused('bad_totp_secret');
  if (factorSecrets === undefined) {
    if (peppers === undefined) return null;
    throw new RowRefused('no_factor_secrets');
  }
  const { keyId, bytes } = await sealSecret(factorSecrets, new Uint8Array(secret), id);
  return { keyId, sealed: Buffer.from(bytes).toString('hex') };
}

/** RFC 4648 section 6, without padding or with. */
function fromBase32(value: unknown): Uint8Array | undefined {
  const text = String(value)
    .replaceAll(/[\s=-]/g, '')
    .toUpperCase();
  if (!/^[A-Z2-7]+$/.test(text)) return undefined;
  const bits = [...text]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}
