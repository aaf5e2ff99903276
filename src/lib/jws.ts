/**
 * Tokens that only we read: compact JWS (RFC 7515, HS256) under a key ring. Each kind has its own `typ`, so no kind
 * can pass for another (RFC 8725 section 3.11).
 */
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import * as z from 'zod';
import { type Key, type KeyRing, keyById } from './key-ring.ts';

export type TokenKind<C extends z.ZodType> = {
  typ: string;
  claims: C;
  /** The signing key, derived from a key of the ring. */
  keyOf: (key: Key) => Uint8Array;
};

/** Deterministic: the same claims under the same key give the same bytes. */
export async function signToken<C extends z.ZodType<JWTPayload>>(
  kind: TokenKind<C>,
  [key]: KeyRing,
  claims: z.output<C>,
): Promise<string> {
  const header = { alg: 'HS256', typ: kind.typ, kid: key.id };
  return new SignJWT(claims).setProtectedHeader(header).sign(await imported(kind, key));
}

const known = new WeakMap<Key, Map<string, CryptoKey>>();

/** The key of a kind of tokens, imported once and not at every token. */
async function imported({ typ, keyOf }: TokenKind<z.ZodType>, key: Key): Promise<CryptoKey> {
  const byKind = known.get(key) ?? new Map<string, CryptoKey>();
  known.set(key, byKind);
  const hmac = { name: 'HMAC', hash: 'SHA-256' };
  const cryptoKey =
    byKind.get(typ) ?? (await crypto.subtle.importKey('raw', keyOf(key), hmac, false, ['sign', 'verify']));
  byKind.set(typ, cryptoKey);
  return cryptoKey;
}

/**
 * Whether a compact JWS is written in the only correct form of base64url: without padding, white space or stray low
 * bits (RFC 7515 section 2, RFC 4648 section 3.5). The decoder accepts all of these, and one signature must not have
 * many tokens.
 */
export const isCanonical = (token: string): boolean => token.split('.').every((part) => CANONICAL.test(part));

/** Of a last group that is not whole, the low bits which no byte takes are zero. */
const CANONICAL = /^(?:[\w-]{4})*(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/;

/** The claims of a token. Undefined when we did not sign it as this kind, and when it has expired. */
export async function readToken<C extends z.ZodType>(
  kind: TokenKind<C>,
  keys: KeyRing,
  token: string,
  now: Date,
): Promise<z.output<C> | undefined> {
  if (!isCanonical(token)) return undefined;
  try {
    const { payload } = await jwtVerify(
      token,
      async ({ kid }) => {
        const key = keyById(keys, kid ?? '');
        if (key === undefined) throw new errors.JWKSNoMatchingKey();
        return imported(kind, key);
      },
      { algorithms: ['HS256'], typ: kind.typ, currentDate: now },
    );
    return kind.claims.parse(payload);
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}
