/**
 * The list of sessions that ended, as a JWS under the key of the access tokens. Its own `typ`, and no audience: it passes
 * for no access token, and none for it (RFC 8725 section 3.11).
 */
import { SignJWT } from 'jose';
import type { ApiConfig } from '../config/read.ts';

export type Revocations = {
  /** Of each session that ended, 12 bytes of SHA-256 of its id, 16 characters of base64url, without anything between. */
  digests: string;
  /** Tokens that were issued before are refused, whatever their session. */
  notBefore: Date | undefined;
};

/** Whoever has no newer one after this long does not know what has ended. */
const LIFE_SECONDS = 30;

export function signRevocations(
  { accessTokenKeys: { current }, issuer }: Pick<ApiConfig, 'accessTokenKeys' | 'issuer'>,
  { digests, notBefore }: Revocations,
  now: Date,
): Promise<string> {
  const issuedAt = Math.floor(now.getTime() / 1_000);
  // A token says the second in which it was issued, no more: all of that second are refused.
  const whole = notBefore && Math.floor(notBefore.getTime() / 1_000) + 1;
  return new SignJWT({ revoked: digests, ...(whole !== undefined && { notBefore: whole }) })
    .setProtectedHeader({ alg: 'ES256', typ: 'revoked-sessions+jwt', kid: current.kid })
    .setIssuer(issuer)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + LIFE_SECONDS)
    .sign(current);
}
