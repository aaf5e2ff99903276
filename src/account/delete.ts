/** Deletes an account: the password or a step-up is asked for, one trip does the rest, and a mail confirms it. */
import { v7 as uuidv7 } from 'uuid';
import type { Bearer, Caller } from '../caller.ts';
import type { Deps } from '../deps.ts';
import { proveByTicket } from '../factor/prove.ts';
import { allCounterOwners } from '../guard/lockout.ts';
import { undoTryOnError } from '../guard/undo-try.ts';
import { confirmPassword, noLongerConfirmed } from '../password/confirm.ts';
import { deleteAccount } from '../store/deletion.ts';

/**
 * Gives when the account is erased: now, or, if its address was changed lately, once the change can no longer be
 * undone.
 */
export async function deleteMe(
  deps: Deps,
  caller: Caller,
  bearer: Bearer,
  proof: { password: string } | { stepUp: string },
): Promise<{ erasedAt: Date }> {
  // All sessions end with the account, so the ticket needs no event to act once.
  const confirmation =
    'stepUp' in proof
      ? await proveByTicket(deps, bearer, proof.stepUp, { purpose: 'delete-account' })
      : await confirmPassword(deps, caller, bearer, proof.password);
  const owners = allCounterOwners(deps.config, confirmation);
  const mails = { toOwn: uuidv7(), toOld: uuidv7() };
  const deletion = await undoTryOnError(deps, confirmation, () =>
    deleteAccount(deps.db, confirmation, owners, mails, caller, deps.now()),
  );
  if (deletion === undefined) throw noLongerConfirmed();
  for (const id of Object.values(mails)) deps.after(deps.mailQueue.send({ id }));
  return deletion;
}
