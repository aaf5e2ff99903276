/**
 * Tokens that only we read: compact JWS (RFC 7515, HS256) under a ring of keys. The `typ` of each kind keeps it from
 * passing for another (RFC 8725 section 3.11).
 */
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import * as z from 'zod';
import { type Key, type KeyRing, keyById } from './key-ring.ts';

export type TokenKind<C extends z.ZodType> = {
  typ: string;
  claims: C;
  /** What signs, made from a key of the ring. */
  keyOf: (key: Key) => Uint8Array;
};

/** Deterministic: the same claims under the same key are the same bytes. */
export const signToken = <C extends z.ZodType<JWTPayload>>(
  { typ, keyOf }: TokenKind<C>,
  [key]: KeyRing,
  claims: z.output<C>,
): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ, kid: key.id }).sign(keyOf(key));

/**
 * Whether a compact JWS is written in the one way that base64url has for its bytes: no padding, no white space, no
 * stray low bits (RFC 7515 section 2, RFC 4648 section 3.5). The decoder takes all of these, and one signature must not have many tokens.
 */
export const isCanonical = (token: string): boolean =>
  token.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part);

/** The claims of a token; undefined for anything that we did not sign as this kind, and for what has expired. */
export async function readToken<C extends z.ZodType>(
  { typ, claims, keyOf }: TokenKind<C>,
  keys: KeyRing,
  token: string,
  now: Date,
): Promise<z.output<C> | undefined> {
  if (!isCanonical(token)) return undefined;
  try {
    const { payload } = await jwtVerify(
      token,
      ({ kid }) => {
        const key = keyById(keys, kid ?? '');
        if (key === undefined) throw new errors.JWKSNoMatchingKey();
        return keyOf(key);
      },
      { algorithms: ['HS256'], typ, currentDate: now },
    );
    return claims.parse(payload);
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}
