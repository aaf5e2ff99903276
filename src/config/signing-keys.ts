/** The signing keys of access tokens: P-256 JWKs, each with its own kid and with two halves that fit together. */
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import * as z from 'zod';

const publicJwk = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  alg: z.literal('ES256').default('ES256'),
  use: z.literal('sig').default('sig'),
  kid: z.string().min(1),
  x: z.string().length(43),
  y: z.string().length(43),
});
const privateJwk = publicJwk.extend({ d: z.string().length(43) });

/** `current` signs, `next` is published before its use, `retired` still verify. */
const keySet = z.object({
  current: privateJwk,
  next: privateJwk.optional(),
  retired: z.array(publicJwk).default([]),
});

export type SigningKeySet = z.infer<typeof keySet>;
type PublicJwk = z.infer<typeof publicJwk>;
type PrivateJwk = z.infer<typeof privateJwk>;

/** Throws an Error that says what is wrong, in its own words: the errors of JSON and zod could quote the key. */
export function parseSigningKeys(text: string): SigningKeySet {
  const { data: keys } = keySet.safeParse(jsonOrNothing(text));
  if (keys === undefined) throw new Error('is not {current, next?, retired} of P-256 JWKs');
  const all: (PublicJwk | PrivateJwk)[] = [keys.current, ...(keys.next ? [keys.next] : []), ...keys.retired];
  if (new Set(all.map(({ kid }) => kid)).size !== all.length) throw new Error('has one kid twice');
  for (const key of all) {
    if (!isWhole(key)) throw new Error(`has a key whose parts do not belong together (${key.kid})`);
  }
  return keys;
}

/** x and y must be a point of the curve, and d its private half: what it signs, they verify. */
function isWhole({ kty, crv, x, y, ...rest }: PublicJwk | PrivateJwk): boolean {
  const message = new TextEncoder().encode('gatehouse');
  try {
    const publicKey = createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' });
    if (!('d' in rest)) return true;
    const privateKey = createPrivateKey({ key: { kty, crv, x, y, d: rest.d }, format: 'jwk' });
    return verify('sha256', message, publicKey, sign('sha256', message, privateKey));
  } catch {
    return false;
  }
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
