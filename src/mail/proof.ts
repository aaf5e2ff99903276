/**
 * The secrets in mails. Codes and link tokens are HMACs of row ids under the mail key, so neither is stored. The API
 * derives them to recognise them, and the jobs Worker derives them again to write the mail.
 *
 * code        = HMAC(key, "<purpose> code", person id, mail id), six digits of it
 * code MAC    = HMAC(key, "<purpose> code mac", person id, code): all that the database holds
 * link token  = base64url(row id ‖ HMAC(key, "<purpose> link", row id))
 *
 * The purpose is part of every label, so a code or link for one purpose is worthless for another.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { validate as isUuid, stringify as uuidFromBytes, parse as uuidToBytes } from 'uuid';
import type { Key, KeyRing } from '../lib/key-ring.ts';

const ID_BYTES = 16;
const MAC_BYTES = 32;

export type CodePurpose = 'verify-email' | 'change-email' | 'enrol';
export type LinkPurpose = 'verify-email' | 'reset-password' | 'cancel-email-change';

/** Every field has a fixed form without "\n", so two different inputs never look the same. */
const mac = (key: Key, ...fields: string[]): Buffer =>
  createHmac('sha256', key.secret).update(fields.join('\n')).digest();

/** Six digits with leading zeros, uniform to within 2^-28. */
export function deriveCode(key: Key, purpose: CodePurpose, personId: string, mailId: string): string {
  const number = mac(key, `${purpose} code`, personId, mailId).readUIntBE(0, 6) % 1_000_000;
  return String(number).padStart(6, '0');
}

export const codeMac = (key: Key, purpose: CodePurpose, personId: string, code: string): Buffer =>
  mac(key, `${purpose} code mac`, personId, code);

/** The MACs under which a code may be stored: one for each configured key. */
export const codeMacs = (keys: KeyRing, purpose: CodePurpose, personId: string, code: string): Buffer[] =>
  keys.map((key) => codeMac(key, purpose, personId, code));

const linkMac = (key: Key, purpose: LinkPurpose, tokenId: string): Buffer =>
  mac(key, `${purpose} link`, tokenId);

export const encodeLinkToken = (key: Key, purpose: LinkPurpose, tokenId: string): string =>
  Buffer.concat([uuidToBytes(tokenId), linkMac(key, purpose, tokenId)]).toString('base64url');

/** The row id in a link token. Undefined, without a trip, when its MAC is not ours. */
export function decodeLinkToken(keys: KeyRing, purpose: LinkPurpose, token: string): string | undefined {
  const raw = Buffer.from(token, 'base64url');
  if (raw.length !== ID_BYTES + MAC_BYTES || raw.toString('base64url') !== token) return undefined;
  const tokenId = uuidOf(raw.subarray(0, ID_BYTES));
  const found = raw.subarray(ID_BYTES);
  if (tokenId === undefined) return undefined;
  return keys.some((key) => timingSafeEqual(found, linkMac(key, purpose, tokenId))) ? tokenId : undefined;
}

function uuidOf(raw: Uint8Array): string | undefined {
  try {
    const id = uuidFromBytes(raw);
    return isUuid(id) ? id : undefined;
  } catch {
    return undefined;
  }
}
