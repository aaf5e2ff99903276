/**
 * Recovery codes: ten, each for one use, for whoever has lost the other factors. Code `i` is derived from the set, the
 * person and a factor key. The database holds only the set and which codes are used.
 *
 * code = 16 characters of base32 of HMAC(key, "<person id>\n<set id>\n<i>"): 80 bits, so nobody guesses one
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { deriveKey, type Key, type KeyRing, keyById } from '../lib/key-ring.ts';
import { RECOVERY_CODES } from '../store/factors.ts';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const CHARACTERS = 16;
const GROUP = 4;

export type CodeSet = { userId: string; setId: string };

function codeOf(key: Key, { userId, setId }: CodeSet, index: number): string {
  const mac = createHmac('sha256', deriveKey(key.secret, 'recovery codes'))
    .update([userId, setId, String(index)].join('\n'))
    .digest();
  // 5 bits of each byte are uniform, and there are 32 bytes.
  return [...mac.subarray(0, CHARACTERS)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

/** As they are shown, once: `abcd-efgh-ijkl-mnop`. */
export const shownCodes = ([key]: KeyRing, set: CodeSet): string[] =>
  Array.from({ length: RECOVERY_CODES }, (_, index) =>
    (codeOf(key, set, index).match(new RegExp(`.{${GROUP}}`, 'g')) ?? []).join('-'),
  );

/** Which code of the set it is. Case, spaces and dashes do not matter. Undefined for none, or without the key. */
export function indexOfCode(keys: KeyRing, keyId: string, set: CodeSet, typed: string): number | undefined {
  const key = keyById(keys, keyId);
  const code = Buffer.from(typed.toLowerCase().replaceAll(/[\s-]/g, ''));
  if (key === undefined || code.length !== CHARACTERS) return undefined;
  const found = Array.from({ length: RECOVERY_CODES }, (_, index) =>
    timingSafeEqual(code, Buffer.from(codeOf(key, set, index))),
  ).indexOf(true);
  return found === -1 ? undefined : found;
}
