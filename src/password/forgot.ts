/**
 * Forgot password: one statement and one queued id whether or not the address has an account, so neither answer
 * nor work tells (OWASP ASVS 6.3.8). The link is derived by the mail's consumer; nothing here ever holds it.
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
  // Where no mail is owed, the consumer finds nothing to do and lets the id go.
  deps.after(deps.mailQueue.send({ id }));
}
