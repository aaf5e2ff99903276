/** Logout: ends the session a refresh token belongs to. Unknown and ended ones are fine too (RFC 7009 section 2.2). */
import type { Deps } from '../deps.ts';
import type { Caller } from '../store/events.ts';
import { endSession } from '../store/rotation.ts';
import { decodeRefreshToken, hashSessionSecret } from '../token/refresh-token.ts';

export async function logout(deps: Deps, caller: Caller, refreshToken: string): Promise<void> {
  const now = deps.now();
  const token = await decodeRefreshToken(deps.config.refreshTokenSecrets, refreshToken, now);
  if (token === undefined) return;
  await endSession(deps.db, { ...token, secretHash: hashSessionSecret(token.secret) }, caller, now);
}
