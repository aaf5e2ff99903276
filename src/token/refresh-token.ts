/**
 * Refresh tokens: compact JWS (lib/jws.ts) with the session, its generation, its secret and its absolute expiry. The
 * encoding is deterministic: two tabs that refresh the same generation get exactly the same next token, and none is
 * stored. A bad signature is refused without a trip.
 */
import { createHash, randomBytes } from 'node:crypto';
import * as z from 'zod';
import { readToken, signToken } from '../lib/jws.ts';
import type { Key, KeyRing } from '../lib/key-ring.ts';

const SECRET_BYTES = 32;

export type RefreshToken = {
  sessionId: string;
  generation: number;
  /** 256 random bits in base64url. The session row holds their SHA-256. */
  secret: string;
  expiresAt: Date;
};

const refreshToken = {
  typ: 'rt+jwt',
  claims: z.object({
    sid: z.uuid(),
    gen: z.int().min(0).max(2_147_483_646),
    sec: z.string().length(43),
    exp: z.int(),
  }),
  keyOf: ({ secret }: Key): Uint8Array => secret,
};

export const newSessionSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url');

/** A fast hash is enough for 256 random bits (OWASP ASVS 6.5.2). */
export const hashSessionSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest();

export function encodeRefreshToken(keys: KeyRing, token: RefreshToken): Promise<string> {
  const { sessionId: sid, generation: gen, secret: sec, expiresAt } = token;
  return signToken(refreshToken, keys, { sid, gen, sec, exp: Math.floor(expiresAt.getTime() / 1_000) });
}

/** Undefined for a token that we did not sign, and for one past its absolute expiry. */
export async function decodeRefreshToken(
  keys: KeyRing,
  token: string,
  now: Date,
): Promise<RefreshToken | undefined> {
  const claims = await readToken(refreshToken, keys, token, now);
  if (claims === undefined) return undefined;
  const { sid, gen, sec, exp } = claims;
  return { sessionId: sid, generation: gen, secret: sec, expiresAt: new Date(exp * 1_000) };
}
