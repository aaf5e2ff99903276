/** Resend: a new code for an open sign-up; the old code dies, the tries already made still count. */
import type { Deps } from '../deps.ts';
import type { Caller } from '../store/events.ts';
import { replaceCode } from '../store/signups.ts';
import { newCode } from './code.ts';

/** Answers alike whether or not there was anything to resend. */
export async function resend(deps: Deps, caller: Caller, { id }: { id: string }): Promise<void> {
  const now = deps.now();
  const code = newCode(deps.config, 'verify-email', id, now);
  const { verificationResends: maxResends, mailBudget } = deps.config;
  const isOwed = await replaceCode(deps.db, id, code, { maxResends, mailBudget }, caller, now);
  if (isOwed) deps.after(deps.mailQueue.send({ id: code.mailId }));
}
