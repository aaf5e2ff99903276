/**
 * Forgot password. One statement and one queued id, whether or not the address has an account. So neither the answer
 * nor the work tells (OWASP ASVS 6.3.8). The link is derived when the mail is written; nothing here ever has it.
 */
import { v7 as uuidv7 } from 'uuid';
import type { Caller } from '../caller.ts';
import type { Deps } from '../deps.ts';
import { decodeDeviceToken } from '../guard/device.ts';
import { later } from '../lib/time.ts';
import { recipientKeys } from '../mail/recipient.ts';
import { requestReset } from '../store/reset-request.ts';

export type ForgotPasswordInput = { email: string; deviceToken?: string | undefined };

export async function forgotPassword(
  deps: Deps,
  caller: Caller,
  { email, deviceToken }: ForgotPasswordInput,
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
    device: await decodeDeviceToken(config.refreshTokenSecrets, deviceToken, now),
  };
  await requestReset(db, reset, caller, now);
  // When no mail is owed, the consumer finds none under this id.
  deps.after(deps.mailQueue.send({ id }));
}
