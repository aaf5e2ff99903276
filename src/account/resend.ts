/**
 * Resend: a new code for a sign-up that waits for proof. The old code becomes void; the tries already made still
 * count.
 */
import type { Caller } from '../caller.ts';
import type { Deps } from '../deps.ts';
import { newCode } from '../mail/code.ts';
import { replaceCode } from '../store/resends.ts';

/**
 * The answer is the same, and one id is queued, whether or not there is a sign-up. When no mail is owed, the consumer
 * finds none under that id.
 */
export async function resend(deps: Deps, caller: Caller, { id }: { id: string }): Promise<void> {
  const now = deps.now();
  const code = newCode(deps.config, 'verify-email', id, now);
  await replaceCode(deps.db, id, code, deps.config.verificationResends, caller, now);
  deps.after(deps.mailQueue.send({ id: code.mailId }));
}
