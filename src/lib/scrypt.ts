/** scrypt (RFC 7914): the cost of a hash, and two implementations that give the same bytes. */
import { scryptSync } from 'node:crypto';
import { scrypt as nobleScrypt } from '@noble/hashes/scrypt.js';

/** `N` is the cost (a power of two), `r` the block size in units of 128 bytes, `p` the parallelism. */
export type ScryptCost = { N: number; r: number; p: number };
/** The first cost makes new records. Every check runs one scrypt for each cost. */
export type ScryptCosts = readonly [ScryptCost, ...ScryptCost[]];
export type Scrypt = (password: string, salt: Uint8Array, cost: ScryptCost) => Uint8Array;

const HASH_BYTES = 32;

/** As strong as N=2^17, r=8, p=1 by OWASP, with 16 MiB of memory instead of 128 (an isolate has 128 in all). */
export const DEFAULT_COSTS = 'ln=14,r=8,p=5';

/** workerd throws above this N*r*p. */
export const MAX_WORK = 2 ** 20;
/** A hash takes 128 * N * r bytes: at most a quarter of the memory of an isolate. */
export const MAX_MEMORY_BYTES = 32 * 1024 * 1024;

/**
 * Parses `ln=14,r=8,p=5;ln=13,r=8,p=10`, newest first.
 * @throws Error that says what is wrong
 */
export function parseScryptCosts(text: string): ScryptCosts {
  const parts = text.split(';').map((part) => part.trim());
  if (new Set(parts).size !== parts.length) throw new Error('has one cost twice');
  const [first, ...older] = parts.map(parseCost);
  if (first === undefined) throw new Error('is empty');
  return [first, ...older];
}

function parseCost(text: string): ScryptCost {
  const [, ln, r, p] = (/^ln=([1-9]\d?),r=([1-9]\d?),p=([1-9]\d?)$/.exec(text) ?? []).map(Number);
  if (ln === undefined || r === undefined || p === undefined)
    throw new Error(`is not a list such as ${DEFAULT_COSTS}, with ';' between two`);
  const N = 2 ** ln;
  // RFC 7914 section 2: N < 2^(128 * r / 8).
  if (ln >= 16 * r) throw new Error('has a cost that is no scrypt: ln must be below 16*r');
  if (N * r * p > MAX_WORK) throw new Error('has a cost that the platform refuses: N*r*p is over 2^20');
  if (128 * N * r > MAX_MEMORY_BYTES) throw new Error('has a cost that takes more than 32 MiB');
  return { N, r, p };
}

/** Whether a cost is at least the minimum of OWASP (N=2^13, r=8, p=10 is the one with the least memory). */
export const isStrong = ({ N, r, p }: ScryptCost): boolean =>
  N * r * p >= 2 ** 13 * 8 * 10 && N * r >= 2 ** 16;

/** In the form that parseScryptCosts reads. */
export const costText = ({ N, r, p }: ScryptCost): string => `ln=${Math.log2(N)},r=${r},p=${p}`;

/** The platform's own scrypt. In workerd it runs on the isolate's thread: see hash-queue.ts. */
export const nativeScrypt: Scrypt = (password, salt, cost) =>
  scryptSync(password, salt, HASH_BYTES, { ...cost, maxmem: 2 * MAX_MEMORY_BYTES });

/** The same function in plain JavaScript, for a runtime without `node:crypto`; several times slower. */
export const portableScrypt: Scrypt = (password, salt, cost) =>
  nobleScrypt(new TextEncoder().encode(password), salt, { ...cost, dkLen: HASH_BYTES });
