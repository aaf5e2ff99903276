/** Reads the list of sessions that ended (`/.well-known/revoked-sessions`) and looks sessions up in it. */
import { base64url, type JWTVerifyGetKey, jwtVerify } from 'jose';

export type Revocations = {
  /** The second in which Gatehouse made it. */
  issuedAt: number;
  digests: ReadonlySet<string>;
  /** Tokens issued before this second are refused. */
  notBefore: number;
};

/** How far the clocks of two machines may be apart. */
const SKEW_SECONDS = 30;

/** @throws unless Gatehouse signed it as such a list, recently; also when it is older than `last` */
export async function readRevocations(
  text: string,
  keys: JWTVerifyGetKey,
  { issuer, now, last }: { issuer: string; now: number; last: Revocations | undefined },
): Promise<Revocations> {
  const { payload } = await jwtVerify(text, keys, {
    algorithms: ['ES256'],
    typ: 'revoked-sessions+jwt',
    issuer,
    requiredClaims: ['iat', 'exp', 'revoked'],
    clockTolerance: SKEW_SECONDS,
    currentDate: new Date(now),
  });
  const { iat = 0, revoked, notBefore = 0 } = payload;
  if (typeof revoked !== 'string' || typeof notBefore !== 'number') throw new Error('is no list of sessions');
  if (last && iat < last.issuedAt) throw new Error('is older than the list before it');
  return { issuedAt: iat, digests: new Set(revoked.match(/.{16}/g)), notBefore };
}

/** Whether the list says that the session of a token has ended. */
export async function hasEnded(
  { digests, notBefore }: Revocations,
  { sid, iat }: { sid: string; iat: number },
): Promise<boolean> {
  if (iat < notBefore) return true;
  if (digests.size === 0) return false;
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(sid));
  return digests.has(base64url.encode(new Uint8Array(hash, 0, 12)));
}
