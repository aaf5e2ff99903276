/** The claims of an access token, after the check that it is one of Gatehouse's (RFC 9068, RFC 8725). */
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { VerifyError } from './verify-error.ts';

/** How far the clock that made a token may be ahead. */
const SKEW_SECONDS = 30;
/** Gatehouse makes no tokens that live longer. */
const LONGEST_LIFE_SECONDS = 3_600;

export type Claims = { sub: string; sid: string; amr: string[]; iat: number; exp: number; auth_time: number };

/** @throws VerifyError */
export async function claimsOf(
  token: string,
  key: JWTVerifyGetKey,
  { issuer, audience, now }: { issuer: string; audience: string; now: number },
): Promise<Claims> {
  const payload = await jwtVerify(token, key, {
    algorithms: ['ES256'],
    typ: 'at+jwt',
    issuer,
    audience,
    requiredClaims: ['sub', 'sid', 'iat', 'exp', 'auth_time', 'amr'],
    currentDate: new Date(now),
  }).then(
    (verified) => verified.payload,
    (error: unknown) => {
      if (error instanceof errors.JOSEError) throw new VerifyError('invalid_token', error.code);
      throw error;
    },
  );
  if (!isClaims(payload)) throw new VerifyError('invalid_token', 'a claim has another type');
  const { iat, exp, auth_time } = payload;
  if (exp - iat > LONGEST_LIFE_SECONDS || Math.max(iat, auth_time) > now / 1_000 + SKEW_SECONDS)
    throw new VerifyError('invalid_token', 'its times are not those of Gatehouse');
  return payload;
}

function isClaims(payload: JWTPayload): payload is JWTPayload & Claims {
  const { sub, sid, amr, iat, auth_time } = payload;
  return (
    [sub, sid].every((one) => typeof one === 'string') &&
    [iat, auth_time].every((one) => typeof one === 'number') &&
    Array.isArray(amr) &&
    amr.every((one) => typeof one === 'string')
  );
}
