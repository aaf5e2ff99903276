/**
 * The list of ended sessions, as a JWS under the key of the access tokens. It has its own `typ` and no audience, so it
 * cannot pass for an access token, and no access token can pass for it (RFC 8725 section 3.11).
 */
import { SignJWT } from 'jose';
import type { ApiConfig } from '../config/read.ts';

export type Revocations = {
  /**
   * The first 12 bytes of the SHA-256 of the id of each ended session, as 16 characters of base64url, without
   * separators.
   */
  digests: string;
  /** Tokens that were issued earlier are refused, whatever their session is. */
  notBefore: Date | undefined;
};

/** A list that is older says nothing reliable. */
const LIFE_SECONDS = 30;

export function signRevocations(
  { accessTokenKeys: { current }, issuer }: Pick<ApiConfig, 'accessTokenKeys' | 'issuer'>,
  { digests, notBefore }: Revocations,
  now: Date,
): Promise<string> {
  const issuedAt = Math.floor(now.getTime() / 1_000);
  // The time in a token is in whole seconds, so all tokens of that second are refused.
  const whole = notBefore && Math.floor(notBefore.getTime() / 1_000) + 1;
  return new SignJWT({ revoked: digests, ...(whole !== undefined && { notBefore: whole }) })
    .setProtectedHeader({ alg: 'ES256', typ: 'revoked-sessions+jwt', kid: current.kid })
    .setIssuer(issuer)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + LIFE_SECONDS)
    .sign(current);
}
