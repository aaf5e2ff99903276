/**
 * Refresh. One statement either gives the session a new token, or gives the same new token once more to a client that
 * missed it, or ends a session whose token was stolen. A token that we did not sign costs no trip and ends nothing.
 */
import { type Caller, note } from '../caller.ts';
import type { Deps } from '../deps.ts';
import { Refusal } from '../refusal.ts';
import { rotateSession } from '../store/rotation.ts';
import { issueTokens, type Tokens } from '../token/issue.ts';
import { readShown, type Shown } from './shown.ts';

/** @throws Refusal `invalid_refresh_token`, `rate_limited` */
export async function refresh(deps: Deps, caller: Caller, input: Shown): Promise<Tokens> {
  const { config } = deps;
  const now = deps.now();
  const shown = await readShown(deps, input, now);
  if (shown === undefined) throw new Refusal('invalid_refresh_token', { reason: 'not_ours' });

  const { claim, token } = shown;
  const settings = {
    idleSeconds: config.sessionIdleSeconds,
    graceSeconds: config.refreshGraceSeconds,
    maxRefreshes: config.sessionRefreshes,
  };
  const rotation = await rotateSession(deps.db, claim, settings, caller, now);
  if (rotation.outcome === 'reused') deps.after(deps.mailQueue.send({ id: rotation.mailId }));
  if (rotation.outcome === 'limited') {
    const headers = { 'Retry-After': String(rotation.waitSeconds) };
    throw new Refusal('rate_limited', { reason: 'session_refreshes', headers });
  }
  if (rotation.outcome !== 'rotated')
    throw new Refusal('invalid_refresh_token', { reason: rotation.outcome });
  note(caller, { userId: rotation.userId, sessionId: claim.sessionId });
  return issueTokens(config, { ...token, ...rotation }, now);
}
