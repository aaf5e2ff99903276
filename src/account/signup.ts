/**
 * Sign-up: writes a pending sign-up and owes a mail to the address. The work (one hash, one trip, the same rows) and
 * every later answer are the same for a free and for a taken address. For a taken one the sign-up is a decoy: it looks
 * and logs in like any other, and can never be proven.
 */
import { v7 as uuidv7 } from 'uuid';
import type { Caller } from '../caller.ts';
import type { Deps } from '../deps.ts';
import { later } from '../lib/time.ts';
import { newCode } from '../mail/code.ts';
import { mailboxKeys, recipientKeys } from '../mail/recipient.ts';
import { assertAcceptable } from '../password/policy.ts';
import { addSignup } from '../store/signups.ts';

export type SignupInput = { name: string; email: string; password: string };

/** @throws Refusal `validation_failed`, `password_blocked`, `overloaded` */
export async function signup(
  deps: Deps,
  caller: Caller,
  { name, email, password }: SignupInput,
): Promise<{ id: string }> {
  await assertAcceptable(deps, { name, email, password, path: 'password' });
  const id = uuidv7();
  const passwordHash = await deps.passwords.hash(password, email);
  const now = deps.now();
  const code = newCode(deps.config, 'verify-email', id, now);
  const expiresAt = later(now, deps.config.signupPendingSeconds);
  const signup = {
    id,
    email,
    name,
    passwordHash,
    expiresAt,
    tokenId: uuidv7(),
    code,
    recipientKeys: recipientKeys(deps.config.mailSecrets, email),
    mailboxKeys: mailboxKeys(deps.config.mailSecrets, email),
  };
  await addSignup(deps.db, signup, caller, now);
  deps.after(deps.mailQueue.send({ id: code.mailId }));
  return { id };
}
