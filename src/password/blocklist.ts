/**
 * Passwords nobody may choose: the commonest of allowed length, exactly, and whole-password variants of what an
 * attacker knows about the person and the product (NIST SP 800-63B-4 section 3.1.1.2, OWASP ASVS 6.2.4 and 6.2.11).
 */
import { inflateRawSync } from 'node:zlib';
import { PACKED } from './commonest.ts';

let unpacked: Set<string> | undefined;

/** Unpacked by the first password of an isolate, not while it starts. */
function commonest(): Set<string> {
  if (unpacked !== undefined) return unpacked;
  unpacked = new Set();
  let previous = '';
  for (const line of inflateRawSync(Buffer.from(PACKED, 'base64')).toString().split('\n')) {
    previous = previous.slice(0, Number.parseInt(line.charAt(0), 36)) + line.slice(1);
    unpacked.add(previous);
  }
  return unpacked;
}

export const isCommon = (password: string): boolean =>
  commonest().has(password.normalize('NFC').toLowerCase());

/** Shorter words say nothing: their letters are in every phrase. */
const MIN_WORD = 3;
/** More than this beside the words is a secret of its own. */
const MAX_PADDING = 7;

/**
 * Whether the password is made of nothing but these words, whatever their case, accents and look-alike characters,
 * with digits and signs around them. A phrase that merely holds one of them is none.
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

/** Of the same length as the text, so that a place in one is the same place in the other. */
const shapeOf = (bare: string) => bare.replaceAll(/[01!|l34@5$7+89]/g, (char) => LOOK_ALIKES[char] ?? char);
