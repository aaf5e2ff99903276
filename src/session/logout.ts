/**
 * Logout: ends the session of a refresh token. An unknown or ended session is no error (RFC 7009 section 2.2). A token
 * that a refresh would take for stolen is taken for stolen here too, and the owner is told.
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
