/**
 * Deletes an account: the password, with a second factor where one is owed, or a step-up is asked for, one trip does the
 * rest, and a mail confirms it.
 */
import { v7 as uuidv7 } from 'uuid';
import type { Bearer, Caller } from '../caller.ts';
import type { Deps } from '../deps.ts';
import type { FactorAnswer } from '../factor/judge.ts';
import { addFactor, noLongerProven, proveByTicket } from '../factor/prove.ts';
import { allCounterOwners } from '../guard/lockout.ts';
import { undoTryOnError } from '../guard/undo-try.ts';
import { confirmPassword } from '../password/confirm.ts';
import { deleteAccount } from '../store/deletion.ts';
import type { FreshProof } from '../store/fresh-proof.ts';

/** `secondFactor`: from whoever owes one. A trusted device does not count. */
export type DeletionProof =
  | { password: string; secondFactor?: FactorAnswer | undefined }
  | { stepUp: string };

/**
 * Gives when the account is erased: now, or, if its address was changed lately, once the change can no longer be
 * undone.
 * @throws Refusal `invalid_token`; `wrong_password`, `login_locked`, `overloaded`; `second_factor_required`,
 *   `wrong_second_factor`; `invalid_ticket`
 */
export async function deleteMe(
  deps: Deps,
  caller: Caller,
  bearer: Bearer,
  given: DeletionProof,
): Promise<{ erasedAt: Date }> {
  const proof = await proofOf(deps, caller, bearer, given);
  const owners = allCounterOwners(deps.config, proof);
  const mails = { toOwn: uuidv7(), toOld: uuidv7() };
  const deletion = await undoTryOnError(deps, proof, () =>
    deleteAccount(deps.db, proof, owners, mails, caller, deps.now()),
  );
  if (deletion === undefined) throw noLongerProven(proof);
  for (const id of [...Object.values(mails), ...deletion.mails]) deps.after(deps.mailQueue.send({ id }));
  return deletion;
}

async function proofOf(
  deps: Deps,
  caller: Caller,
  bearer: Bearer,
  given: DeletionProof,
): Promise<FreshProof> {
  if ('stepUp' in given) return proveByTicket(deps, bearer, given.stepUp, { purpose: 'delete-account' });
  const confirmation = await confirmPassword(deps, caller, bearer, given.password);
  return addFactor(deps, caller, confirmation, given.secondFactor);
}
