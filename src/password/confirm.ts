/**
 * The current password, asked again before something grave (OWASP ASVS 6.2.3, 7.5.1). An access token alone, left
 * open in a tab or stolen, can then neither change what opens the account nor end it.
 */
import type { Deps } from '../deps.ts';
import { counterOfSession, LONGEST_WAIT_SECONDS } from '../guard/lockout.ts';
import { takingBack } from '../guard/taking-back.ts';
import { Refusal } from '../refusal.ts';
import type { Caller } from '../store/events.ts';
import { beginConfirmation, type Confirmation, recordConfirmFailure } from '../store/passwords.ts';
import type { Bearer } from '../store/users.ts';

/**
 * One trip and one hash. What follows must be conditional on the confirmation, for the password may change
 * meanwhile, and clear the try, which is counted before it is judged as a login's is.
 * @throws Refusal `invalid_token` when the session has ended; `wrong_password`; `login_locked`;
 * `overloaded`
 */
export async function confirmPassword(
  deps: Deps,
  caller: Caller,
  bearer: Bearer,
  password: string,
): Promise<Confirmation> {
  const counters = [counterOfSession(deps.config, bearer)];
  const { isLocked, waitSeconds, own } = await beginConfirmation(deps.db, bearer, counters, deps.now());
  if (own === undefined) throw new Refusal('invalid_token', { reason: 'session_ended' });
  if (isLocked) {
    await recordConfirmFailure(deps.db, bearer, 'locked', caller, deps.now());
    const headers = { 'Retry-After': String(waitSeconds ?? LONGEST_WAIT_SECONDS) };
    throw new Refusal('login_locked', { headers });
  }
  const { passwordHash, ...rest } = own;
  const confirmation = { ...bearer, ...rest, counters, isKnownDevice: true };
  const { index } = await takingBack(deps, confirmation, () =>
    deps.passwords.match(password, own.email, [passwordHash]),
  );
  if (index === -1) {
    await recordConfirmFailure(deps.db, bearer, 'wrong_password', caller, deps.now());
    throw new Refusal('wrong_password', { reason: 'wrong_password' });
  }
  return confirmation;
}

/** The second trip found the session ended or the password changed since it was confirmed. */
export const noLongerConfirmed = (): Refusal =>
  new Refusal('wrong_password', { reason: 'changed_meanwhile' });
