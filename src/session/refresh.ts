/**
 * Refresh: one statement rotates the session, repeats the successor for a racing tab, or ends a session whose
 * token was stolen. A token that we did not sign costs no trip and revokes nothing.
 */
import type { Deps } from '../deps.ts';
import { spend } from '../guard/throttle.ts';
import { Refusal } from '../refusal.ts';
import type { Caller } from '../store/events.ts';
import { rotateSession } from '../store/rotation.ts';
import type { Transport } from '../store/sessions.ts';
import { mintAccessToken } from '../token/access.ts';
import { decodeRefreshToken, encodeRefreshToken, hashSessionSecret } from '../token/refresh-token.ts';
import type { Tokens } from './login.ts';

/** @throws Refusal `invalid_refresh_token`, `rate_limited` */
export async function refresh(
  deps: Deps,
  caller: Caller,
  refreshToken: string,
  transport: Transport,
): Promise<Tokens> {
  const { config } = deps;
  const now = deps.now();
  const token = await decodeRefreshToken(config.refreshTokenSecrets, refreshToken, now);
  if (token === undefined) throw new Refusal('invalid_refresh_token', { reason: 'not_ours' });

  // Before the rotation: a successor that was made and then withheld would look like a theft.
  await spend(deps, [{ limit: 'refreshFamily', key: token.sessionId }]);

  const claim = { ...token, secretHash: hashSessionSecret(token.secret) };
  const settings = {
    idleSeconds: config.sessionIdleSeconds,
    graceSeconds: config.refreshGraceSeconds,
    transport,
  };
  const rotation = await rotateSession(deps.db, claim, settings, caller, now);
  if (rotation.outcome === 'reused') deps.after(deps.mailQueue.send({ id: rotation.mailId }));
  if (rotation.outcome !== 'rotated')
    throw new Refusal('invalid_refresh_token', { reason: rotation.outcome });

  const access = await mintAccessToken(config, { ...rotation, sessionId: token.sessionId }, now);
  return {
    accessToken: access.token,
    refreshToken: await encodeRefreshToken(config.refreshTokenSecrets, {
      ...token,
      generation: rotation.generation,
    }),
    tokenType: 'Bearer',
    expiresIn: access.expiresIn,
  };
}
