/**
 * The secrets that travel by mail. Code and link token are HMACs of row ids under the mail key, so neither is
 * stored: the API derives them to recognise them, the jobs Worker derives them again to write the mail.
 *
 * code        = HMAC(key, "verify-email code", sign-up id, mail id), six digits of it
 * code MAC    = HMAC(key, "verify-email code mac", sign-up id, code): all that the database holds
 * link token  = base64url(row id ‖ HMAC(key, "verify-email link", row id))
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { validate as isUuid, stringify as uuidFromBytes, parse as uuidToBytes } from 'uuid';
import type { Key, KeyRing } from '../lib/key-ring.ts';

const ID_BYTES = 16;
const MAC_BYTES = 32;

/** Every field is of a fixed form without "\n", so that no two inputs can read the same. */
const mac = (key: Key, ...fields: string[]): Buffer =>
  createHmac('sha256', key.secret).update(fields.join('\n')).digest();

/** Six digits with leading zeros, uniform to within 2^-28. */
export function deriveCode(key: Key, signupId: string, mailId: string): string {
  const number = mac(key, 'verify-email code', signupId, mailId).readUIntBE(0, 6) % 1_000_000;
  return String(number).padStart(6, '0');
}

export const codeMac = (key: Key, signupId: string, code: string): Buffer =>
  mac(key, 'verify-email code mac', signupId, code);

/** The MACs a code may be stored under: one for each key that is still configured. */
export const codeMacs = (keys: KeyRing, signupId: string, code: string): Buffer[] =>
  keys.map((key) => codeMac(key, signupId, code));

const linkMac = (key: Key, tokenId: string): Buffer => mac(key, 'verify-email link', tokenId);

export const encodeLinkToken = (key: Key, tokenId: string): string =>
  Buffer.concat([uuidToBytes(tokenId), linkMac(key, tokenId)]).toString('base64url');

/** The row id a link token carries; undefined, without a trip, when its MAC is not ours. */
export function decodeLinkToken(keys: KeyRing, token: string): string | undefined {
  const raw = Buffer.from(token, 'base64url');
  if (raw.length !== ID_BYTES + MAC_BYTES || raw.toString('base64url') !== token) return undefined;
  const tokenId = uuidOf(raw.subarray(0, ID_BYTES));
  const found = raw.subarray(ID_BYTES);
  if (tokenId === undefined) return undefined;
  return keys.some((key) => timingSafeEqual(found, linkMac(key, tokenId))) ? tokenId : undefined;
}

function uuidOf(raw: Uint8Array): string | undefined {
  try {
    const id = uuidFromBytes(raw);
    return isUuid(id) ? id : undefined;
  } catch {
    return undefined;
  }
}
