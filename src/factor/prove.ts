/**
 * A fresh proof before a change of the second factors (OWASP ASVS 7.5.1): a session alone, from an open tab or stolen,
 * changes none. Whoever owes a second factor proves one, or a recovery code; the password is enough for all others. A
 * trusted device does not count. One trip; the act that follows is the second one.
 */
import type { Bearer, Caller } from '../caller.ts';
import type { Deps } from '../deps.ts';
import { counterOfSession, LONGEST_WAIT_SECONDS } from '../guard/lockout.ts';
import { undoTryOnError } from '../guard/undo-try.ts';
import { confirmPassword } from '../password/confirm.ts';
import { Refusal, sessionEnded } from '../refusal.ts';
import { owesSecondFactor } from '../session/grant.ts';
import { beginConfirmation } from '../store/confirmation.ts';
import { type FactorFailure, recordProofFailure } from '../store/factor-failures.ts';
import type { FreshProof } from '../store/fresh-proof.ts';
import { type FactorAnswer, judge } from './judge.ts';

export type Proof = { password: string } | FactorAnswer;

/**
 * @throws Refusal `invalid_token`; `wrong_password`, `login_locked`, `overloaded`, `second_factor_required` for a password;
 *   `wrong_second_factor`, `second_factor_locked` for a code
 */
export async function prove(deps: Deps, caller: Caller, bearer: Bearer, proof: Proof): Promise<FreshProof> {
  if (!('password' in proof)) return proveFactor(deps, caller, bearer, proof);
  const confirmation = await confirmPassword(deps, caller, bearer, proof.password);
  return undoTryOnError(deps, confirmation, async () => {
    if (owesSecondFactor(confirmation.factors)) throw new Refusal('second_factor_required');
    return { ...confirmation, spend: undefined };
  });
}

/** The guesses of a session are counted together, whatever it guesses. */
async function proveFactor(
  deps: Deps,
  caller: Caller,
  bearer: Bearer,
  answer: FactorAnswer,
): Promise<FreshProof> {
  const { config, db } = deps;
  const counters = 'code' in answer ? [counterOfSession(config, bearer)] : [];
  const { isLocked, waitSeconds, own } = await beginConfirmation(db, bearer, counters, deps.now());
  if (own === null) throw sessionEnded();
  const fail = (reason: FactorFailure) => recordProofFailure(db, bearer, reason, caller, deps.now());
  if (isLocked) {
    await fail('locked');
    const headers = { 'Retry-After': String(waitSeconds ?? LONGEST_WAIT_SECONDS) };
    throw new Refusal('second_factor_locked', { headers });
  }
  const { material, passwordHash: _, isSetHere: __, ...rest } = own;
  const confirmation = { ...bearer, ...rest, counters, isKnownDevice: true };
  const person = { id: bearer.userId, material };
  const judged = await undoTryOnError(deps, confirmation, async () =>
    judge(config.factorSecrets, person, answer, deps.now()),
  );
  if ('spend' in judged) return { ...confirmation, spend: judged.spend };
  await fail(judged.failure);
  throw new Refusal('wrong_second_factor', { reason: judged.failure });
}

/** The second trip found that the session has ended, that something was changed, or that the code was used up. */
export const noLongerProven = ({ spend }: FreshProof): Refusal =>
  new Refusal(spend ? 'wrong_second_factor' : 'wrong_password', { reason: 'changed_meanwhile' });
