/**
 * Passwords that nobody may choose: the most common ones, and variants of words that an attacker knows about the
 * person and the product (NIST SP 800-63B-4 section 3.1.1.2, OWASP ASVS 6.2.4 and 6.2.11).
 */
import { PACKED } from './commonest.ts';

let unpacked: Set<string> | undefined;

/** Unpacked for the first password of an isolate, and not at start-up, which the module for it alone would hold up. */
async function commonest(): Promise<Set<string>> {
  if (unpacked !== undefined) return unpacked;
  const { inflateRawSync } = await import('node:zlib');
  unpacked = new Set();
  let previous = '';
  for (const line of inflateRawSync(Buffer.from(PACKED, 'base64')).toString().split('\n')) {
    previous = previous.slice(0, Number.parseInt(line.charAt(0), 36)) + line.slice(1);
    unpacked.add(previous);
  }
  return unpacked;
}

export async function isCommon(password: string): Promise<boolean> {
  return (await commonest()).has(password.normalize('NFC').toLowerCase());
}

/** Shorter words are ignored: their letters are in every phrase. */
const MIN_WORD = 3;
/** A password with more characters than this beside the words is accepted. */
const MAX_PADDING = 7;

/**
 * Whether the password consists of nothing but these words, in any case, with accents, look-alike characters, digits
 * or signs around them. A longer phrase that contains one of them is fine.
 */
export function isMadeOf(password: string, words: readonly string[]): boolean {
  const bare = bareOf(password);
  const shapes = [...new Set(words.map((word) => shapeOf(bareOf(word))))]
    .filter((shape) => shape.length >= MIN_WORD)
    .sort((one, other) => other.length - one.length);
  const shape = shapeOf(bare);
  let padding = '';
  for (let at = 0; at < bare.length; ) {
    const word = shapes.find((candidate) => shape.startsWith(candidate, at));
    if (word === undefined) padding += bare[at];
    at += word?.length ?? 1;
  }
  return padding.length <= MAX_PADDING && padding.length < bare.length && !/\p{L}/u.test(padding);
}

const bareOf = (text: string) => text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();

const LOOK_ALIKES: Record<string, string> = {
  '0': 'o',
  '1': 'i',
  '!': 'i',
  '|': 'i',
  l: 'i',
  '3': 'e',
  '4': 'a',
  '@': 'a',
  '5': 's',
  $: 's',
  '7': 't',
  '+': 't',
  '8': 'b',
  '9': 'g',
};

/** The result has the same length as the text, so a position in one is the same position in the other. */
const shapeOf = (bare: string) => bare.replaceAll(/[01!|l34@5$7+89]/g, (char) => LOOK_ALIKES[char] ?? char);
