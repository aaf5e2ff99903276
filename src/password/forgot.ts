/**
 * Forgot password: one statement and one queued id whether or not the address has an account, so neither answer
 * nor work tells (OWASP ASVS 6.3.8). The link is derived by the mail's consumer; nothing here ever holds it.
 */
import { v7 as uuidv7 } from 'uuid';
import type { Deps } from '../deps.ts';
import { recipientKeys } from '../mail/recipient.ts';
import { later } from '../store/db.ts';
import type { Caller } from '../store/events.ts';
import { requestReset } from '../store/resets.ts';

export async function forgotPassword(
  deps: Deps,
  caller: Caller,
  { email }: { email: string },
): Promise<void> {
  const { config, db } = deps;
  const now = deps.now();
  const id = uuidv7();
  const [key] = config.mailSecrets;
  const reset = {
    id,
    email,
    keyId: key.id,
    expiresAt: later(now, config.resetLinkSeconds),
    recipientKeys: recipientKeys(config.mailSecrets, email),
    mailBudget: config.mailBudget,
  };
  await requestReset(db, reset, caller, now);
  // For an unknown address the consumer finds no row and lets the id go.
  deps.after(deps.mailQueue.send({ id }));
}
