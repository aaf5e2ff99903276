/**
 * The current password, asked again before something grave (OWASP ASVS 6.2.3, 7.5.1). An access token alone, left
 * open in a tab or stolen, can then neither change what opens the account nor end it.
 */
import type { Deps } from '../deps.ts';
import { Refusal } from '../refusal.ts';
import type { Caller } from '../store/events.ts';
import { type Confirmation, findOwnPassword, recordConfirmFailure } from '../store/passwords.ts';
import type { Bearer } from '../store/users.ts';

/**
 * One trip and one hash. What follows must be conditional on the confirmation, for the password may change
 * meanwhile.
 * @throws Refusal `invalid_token` when the session has ended; `wrong_password`; `overloaded`
 */
export async function confirmPassword(
  deps: Deps,
  caller: Caller,
  bearer: Bearer,
  password: string,
): Promise<Confirmation> {
  // A guess here is a guess at the login's password: a count and a lock of guesses stand in this statement.
  const own = await findOwnPassword(deps.db, bearer, deps.now());
  if (own === undefined) throw new Refusal('invalid_token', { reason: 'session_ended' });
  const { index } = await deps.passwords.match(password, own.email, [own.passwordHash]);
  if (index === -1) {
    await recordConfirmFailure(deps.db, bearer, caller, deps.now());
    throw new Refusal('wrong_password', { reason: 'wrong_password' });
  }
  return { ...bearer, email: own.email, passwordChangedAt: own.passwordChangedAt };
}

/** The second trip found the session ended or the password changed since it was confirmed. */
export const noLongerConfirmed = (): Refusal =>
  new Refusal('wrong_password', { reason: 'changed_meanwhile' });
