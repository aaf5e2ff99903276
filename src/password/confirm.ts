/**
 * Asks for the current password before a serious change (OWASP ASVS 6.2.3, 7.5.1). So somebody with only an access
 * token, from an open tab or stolen, can neither change how the account is opened nor delete it.
 */
import type { Bearer, Caller } from '../caller.ts';
import type { Deps } from '../deps.ts';
import { counterOfSession, LONGEST_WAIT_SECONDS } from '../guard/lockout.ts';
import { undoTryOnError } from '../guard/undo-try.ts';
import { Refusal, sessionEnded } from '../refusal.ts';
import { beginConfirmation, type Confirmation, recordConfirmFailure } from '../store/confirmation.ts';

/**
 * One trip and one hash. The try is counted before the password is checked, as in a login. The statement that follows
 * must depend on the confirmation, because the password may change in between, and must clear the try.
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
 * `confirmPassword` for a change of the password. If this very session set the password in the last minutes, the new
 * password is checked as well, with a second hash. If that one fits, the change was made already and its answer was
 * lost (`isRepeated`). Nobody else gets two guesses for one try.
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

/** The second trip found that the session has ended or that the password was changed after it was confirmed. */
export const noLongerConfirmed = (): Refusal =>
  new Refusal('wrong_password', { reason: 'changed_meanwhile' });
