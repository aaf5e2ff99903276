/**
 * Verify-email: proof of the mailbox AND of being the one who signed up. A mail alone proves only the first: a
 * stranger may have signed up with this address, and acting on that mail must not activate the stranger's
 * password. So a code counts for the sign-up whose id comes with it, and a link needs that id or the password.
 */
import type { Deps } from '../deps.ts';
import { codeMacs, decodeLinkToken } from '../mail/proof.ts';
import { Refusal } from '../refusal.ts';
import type { Caller } from '../store/events.ts';
import { countLinkTry, proveSignup } from '../store/signups.ts';

export type VerifyEmailInput =
  | { id: string; code: string }
  | { token: string; id: string }
  | { token: string; password: string };

/**
 * Makes the sign-up the account of its address; issues no session. The same proof sent again answers the same.
 * @throws Refusal `invalid_code`, the same for wrong, used, expired, exhausted and unknown; `overloaded`
 */
export async function verifyEmail(deps: Deps, caller: Caller, input: VerifyEmailInput): Promise<void> {
  const { config, db } = deps;
  if ('code' in input) {
    const proof = {
      codeMacs: codeMacs(config.mailSecrets, 'verify-email', input.id, input.code),
      maxTries: config.verificationCodeTries,
    };
    if (!(await proveSignup(db, input.id, proof, caller, deps.now()))) throw new Refusal('invalid_code');
    return;
  }
  const tokenId = decodeLinkToken(config.mailSecrets, 'verify-email', input.token);
  if (tokenId === undefined) throw new Refusal('invalid_code', { reason: 'bad_link_mac' });
  const id = 'id' in input ? input.id : await signupByPassword(deps, tokenId, input.password);
  if (!(await proveSignup(db, id, { tokenId }, caller, deps.now()))) throw new Refusal('invalid_code');
}

/** A salted hash cannot be judged before it is read, so this way costs a trip more; the try is counted by it. */
async function signupByPassword(deps: Deps, tokenId: string, password: string): Promise<string> {
  const signup = await countLinkTry(deps.db, tokenId, deps.config.verificationCodeTries, deps.now());
  const records = signup ? [signup.passwordHash] : [];
  const { index } = await deps.passwords.match(password, signup?.email ?? '', records);
  if (signup === undefined || index === -1) throw new Refusal('invalid_code', { reason: 'wrong_password' });
  return signup.userId;
}
