/**
 * Access tokens: short-lived JWTs (RFC 9068, `typ: at+jwt`), signed with ES256. They name the user and the session,
 * and say nothing else about the person. Our own routes also look at the session row. Other services verify the token
 * with the JWKS.
 */
import { errors, type JWTHeaderParameters, jwtVerify, SignJWT } from 'jose';
import { v4 as uuidv4 } from 'uuid';
import * as z from 'zod';
import type { ApiConfig } from '../config/read.ts';
import { MAX_ACCESS_TOKEN_SECONDS } from '../config/settings/sessions.ts';
import type { SigningKeySet } from '../config/signing-keys.ts';
import { isCanonical } from '../lib/jws.ts';

type Settings = Pick<ApiConfig, 'accessTokenKeys' | 'accessTokenSeconds' | 'issuer' | 'audience'>;

export type Grant = {
  userId: string;
  sessionId: string;
  /** How the person proved who they are (RFC 8176 section 2). */
  amr: readonly string[];
  authenticatedAt: Date;
  expiresAt: Date;
};

export type AccessToken = { token: string; expiresIn: number };

/** How many seconds the clock of another isolate may be ahead. */
const LEEWAY_SECONDS = 30;

const claims = z.object({
  sub: z.uuid(),
  sid: z.uuid(),
  jti: z.uuid(),
  iat: z.int(),
  exp: z.int(),
  auth_time: z.int(),
});

/** Signs a token that ends with the session at the latest. `expiresIn` is in seconds. */
export async function mintAccessToken(settings: Settings, grant: Grant, now: Date): Promise<AccessToken> {
  const { current } = settings.accessTokenKeys;
  const issuedAt = seconds(now);
  const expiresAt = Math.min(issuedAt + settings.accessTokenSeconds, seconds(grant.expiresAt));
  const token = await new SignJWT({
    sid: grant.sessionId,
    auth_time: seconds(grant.authenticatedAt),
    amr: grant.amr,
  })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: current.kid })
    .setIssuer(settings.issuer)
    .setAudience(settings.audience)
    .setSubject(grant.userId)
    .setJti(uuidv4())
    .setIssuedAt(issuedAt)
    .setExpirationTime(expiresAt)
    .sign(current);
  return { token, expiresIn: expiresAt - issuedAt };
}

/** The user and session of a token. Undefined when it is not a valid token of ours (RFC 8725 section 3). */
export async function verifyAccessToken(
  settings: Settings,
  token: string,
  now: Date,
): Promise<{ userId: string; sessionId: string } | undefined> {
  if (!isCanonical(token)) return undefined;
  try {
    const { payload } = await jwtVerify(token, ({ kid }) => publicKey(settings.accessTokenKeys, kid), {
      algorithms: ['ES256'],
      typ: 'at+jwt',
      issuer: settings.issuer,
      audience: settings.audience,
      currentDate: now,
    });
    const { sub, sid, iat, exp, auth_time } = claims.parse(payload);
    // We make no token that lives longer. Somebody else has the key and made this one.
    if (exp - iat > MAX_ACCESS_TOKEN_SECONDS) return undefined;
    if (Math.max(iat, auth_time) > seconds(now) + LEEWAY_SECONDS) return undefined;
    return { userId: sub, sessionId: sid };
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}

/** The `kid` chooses a key of our own set. `jwk`, `jku` and `x5c` in a header are ignored. */
function publicKey(keys: SigningKeySet, kid: JWTHeaderParameters['kid']) {
  const key = publishedKeys(keys).find((candidate) => candidate.kid === kid);
  if (key === undefined) throw new errors.JWKSNoMatchingKey();
  return key;
}

const published = new WeakMap<SigningKeySet, ReturnType<typeof publicHalves>>();

/**
 * The public halves of the current, next and retired keys (RFC 7517 section 5), as the JWKS lists them. Always the
 * same objects: jose imports a key once for each object.
 */
export function publishedKeys(keys: SigningKeySet) {
  const known = published.get(keys) ?? publicHalves(keys);
  published.set(keys, known);
  return known;
}

const publicHalves = ({ current, next, retired }: SigningKeySet) =>
  [current, ...(next ? [next] : []), ...retired].map(({ kty, crv, alg, use, kid, x, y }) => ({
    kty,
    crv,
    alg,
    use,
    kid,
    x,
    y,
  }));

const seconds = (instant: Date) => Math.floor(instant.getTime() / 1_000);
