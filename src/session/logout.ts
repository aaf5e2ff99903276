/**
 * Logout: ends the session a refresh token belongs to. Unknown and ended ones are fine too (RFC 7009 section 2.2). A token
 * that a refresh would take for stolen is taken for stolen here as well: the owner is told, whatever the thief asks for.
 */
import type { Caller } from '../caller.ts';
import type { Deps } from '../deps.ts';
import { endSession } from '../store/rotation.ts';
import { readShown, type Shown } from './shown.ts';

export async function logout(deps: Deps, caller: Caller, input: Shown): Promise<void> {
  const now = deps.now();
  const shown = await readShown(deps, input, now);
  if (shown === undefined) return;
  const mailId = await endSession(deps.db, shown.claim, deps.config.refreshGraceSeconds, caller, now);
  if (mailId !== undefined) deps.after(deps.mailQueue.send({ id: mailId }));
}
