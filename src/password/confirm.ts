/**
 * The current password, asked again before something grave (OWASP ASVS 6.2.3, 7.5.1). An access token alone, left
 * open in a tab or stolen, can then neither change what opens the account nor end it.
 */
import type { Bearer, Caller } from '../caller.ts';
import type { Deps } from '../deps.ts';
import { counterOfSession, LONGEST_WAIT_SECONDS } from '../guard/lockout.ts';
import { undoTryOnError } from '../guard/undo-try.ts';
import { Refusal, sessionEnded } from '../refusal.ts';
import { beginConfirmation, type Confirmation, recordConfirmFailure } from '../store/confirmation.ts';

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
  const { confirmation } = await confirmEither(deps, caller, bearer, [password]);
  return confirmation;
}

/**
 * As `confirmPassword`, for a change of the password: the new one is judged as well, with a second hash, when it was this
 * very session that set the password in the last minutes. Then the change was made and its answer was lost
 * (`isRepeated`). Nobody else's guesses are worth two.
 */
export async function confirmEither(
  deps: Deps,
  caller: Caller,
  bearer: Bearer,
  [current, chosen]: [current: string, chosen?: string],
): Promise<{ confirmation: Confirmation; isRepeated: boolean }> {
  const counters = [counterOfSession(deps.config, bearer)];
  const { isLocked, waitSeconds, own } = await beginConfirmation(deps.db, bearer, counters, deps.now());
  if (own === null) throw sessionEnded();
  if (isLocked) {
    await recordConfirmFailure(deps.db, bearer, 'locked', caller, deps.now());
    const headers = { 'Retry-After': String(waitSeconds ?? LONGEST_WAIT_SECONDS) };
    throw new Refusal('login_locked', { headers });
  }
  const { passwordHash, isSetHere, ...rest } = own;
  const confirmation = { ...bearer, ...rest, counters, isKnownDevice: true };
  const records = passwordHash === null ? [] : [passwordHash];
  const fits = async (password: string) =>
    (await undoTryOnError(deps, confirmation, () => deps.passwords.match(password, own.email, records)))
      .index === 0;
  if (await fits(current)) return { confirmation, isRepeated: false };
  if (isSetHere && chosen !== undefined && (await fits(chosen))) return { confirmation, isRepeated: true };
  await recordConfirmFailure(deps.db, bearer, 'wrong_password', caller, deps.now());
  throw new Refusal('wrong_password', { reason: 'wrong_password' });
}

/** The second trip found the session ended or the password changed since it was confirmed. */
export const noLongerConfirmed = (): Refusal =>
  new Refusal('wrong_password', { reason: 'changed_meanwhile' });
