/**
 * Who an operator is, as Cloudflare Access has found out. Access stands in front of the HTTP door and adds a JWT of its
 * own to each request. Everything about it is pinned: the team that signs, the application that it is for, the
 * algorithm (RFC 8725). A header with a name, without the JWT, means nothing.
 */
import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { AdminConfig } from '../config/read.ts';
import { Refusal } from '../refusal.ts';

export const ACCESS_HEADER = 'Cf-Access-Jwt-Assertion';

/** The settings of the HTTP door. */
export type Access = { issuer: string; audience: string; origin: string };

/** Undefined while one of the settings is missing: the door is closed. */
export function accessOf({ accessIssuer, accessAudience, adminOrigin }: AdminConfig): Access | undefined {
  return accessIssuer && accessAudience && adminOrigin
    ? { issuer: accessIssuer, audience: accessAudience, origin: adminOrigin }
    : undefined;
}

/** Fetched when they are needed and then kept for ten minutes; a new key is looked for twice a minute at most. */
export const teamKeys = ({ issuer }: Access): JWTVerifyGetKey =>
  createRemoteJWKSet(new URL('/cdn-cgi/access/certs', issuer), { timeoutDuration: 2_000 });

/**
 * The address of the operator. A service token of Access has none, and is no operator.
 *
 * @throws Refusal `invalid_token`; `service_unavailable` when the keys cannot be fetched
 */
export async function operatorOf(
  token: string | null,
  { issuer, audience }: Access,
  keys: JWTVerifyGetKey,
  now: Date,
): Promise<string> {
  if (token === null) throw new Refusal('invalid_token', { reason: 'no_access_token' });
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience,
      algorithms: ['RS256'],
      requiredClaims: ['exp', 'iat', 'sub', 'email'],
      clockTolerance: 5,
      currentDate: now,
    });
    if (payload.type === 'app' && typeof payload.email === 'string' && payload.sub) return payload.email;
    throw new Refusal('invalid_token', { reason: 'no_operator' });
  } catch (error) {
    if (error instanceof Refusal) throw error;
    if (!isVerdict(error)) throw new Refusal('service_unavailable', { headers: { 'Retry-After': '2' } });
    throw new Refusal('invalid_token', { reason: error.code });
  }
}

/** Not when the keys could not be fetched: that says nothing about the token. */
const isVerdict = (error: unknown): error is errors.JOSEError =>
  error instanceof errors.JOSEError &&
  !(error instanceof errors.JWKSTimeout) &&
  !(error instanceof errors.JWKSInvalid) &&
  error.code !== 'ERR_JOSE_GENERIC';
