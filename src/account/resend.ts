/** Resend: a new code for an open sign-up; the old code dies, the tries already made still count. */
import type { Caller } from '../caller.ts';
import type { Deps } from '../deps.ts';
import { replaceCode } from '../store/resends.ts';
import { newCode } from './code.ts';

/**
 * The answer is the same, and one id is queued, whether or not there is anything to resend. Where no mail is owed, the
 * consumer finds nothing to do and lets the id go.
 */
export async function resend(deps: Deps, caller: Caller, { id }: { id: string }): Promise<void> {
  const now = deps.now();
  const code = newCode(deps.config, 'verify-email', id, now);
  await replaceCode(deps.db, id, code, deps.config.verificationResends, caller, now);
  deps.after(deps.mailQueue.send({ id: code.mailId }));
}
