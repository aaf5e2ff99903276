/**
 * Reset password. A mailed link sets one new password, and opens no session (OWASP ASVS 6.3.6). A forged link is
 * refused without a trip, a dead link before anything is hashed, and a weak password before the link is used up.
 *
 * The first trip reads whose link it is: the policy needs name and address, and the salt of the record depends on the
 * address. The second trip decides. The same request sent again gets the same answer.
 */
import type { Caller } from '../caller.ts';
import type { Deps } from '../deps.ts';
import { counterOwners } from '../guard/lockout.ts';
import { decodeLinkToken } from '../mail/proof.ts';
import { Refusal } from '../refusal.ts';
import { completeReset, findReset } from '../store/resets.ts';
import { assertAcceptable, assertLength } from './policy.ts';

export type ResetPasswordInput = { token: string; newPassword: string };

/**
 * @throws Refusal `validation_failed`, `password_blocked` for a password that policy refuses; `invalid_code`, the same for forged,
 *   used, replaced and expired; `overloaded`
 */
export async function resetPassword(
  deps: Deps,
  caller: Caller,
  { token, newPassword }: ResetPasswordInput,
): Promise<void> {
  const tokenId = decodeLinkToken(deps.config.mailSecrets, 'reset-password', token);
  if (tokenId === undefined) throw new Refusal('invalid_code', { reason: 'bad_link_mac' });
  const chosen = { password: newPassword, path: 'newPassword' };
  assertLength(deps.config, chosen);
  const reset = await findReset(deps.db, tokenId, caller, deps.now());
  if (reset === undefined) throw new Refusal('invalid_code', { reason: 'not_open' });
  await assertAcceptable(deps, { ...chosen, ...reset });
  const passwordHash = await deps.passwords.hash(newPassword, reset.email);
  const done = { tokenId, passwordHash, counterOwners: counterOwners(deps.config, reset) };
  const completed = await completeReset(deps.db, done, caller, deps.now());
  if (completed === undefined) throw new Refusal('invalid_code', { reason: 'used' });
  if (completed.mailId !== null) deps.after(deps.mailQueue.send({ id: completed.mailId }));
}
