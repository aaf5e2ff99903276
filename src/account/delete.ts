/** Deletion: asked for with the password, done in one trip, told to the address that is the person's. */
import { v7 as uuidv7 } from 'uuid';
import type { Bearer, Caller } from '../caller.ts';
import type { Deps } from '../deps.ts';
import { counterOwners } from '../guard/lockout.ts';
import { undoTryOnError } from '../guard/undo-try.ts';
import { confirmPassword, noLongerConfirmed } from '../password/confirm.ts';
import { deleteAccount } from '../store/deletion.ts';

/**
 * Gives when the account is erased: now, or, when its address was changed lately, once that can no longer be undone.
 * @throws Refusal `invalid_token`; `wrong_password`; `login_locked`; `overloaded`
 */
export async function deleteMe(
  deps: Deps,
  caller: Caller,
  bearer: Bearer,
  password: string,
): Promise<{ erasedAt: Date }> {
  const confirmation = await confirmPassword(deps, caller, bearer, password);
  const owners = counterOwners(deps.config, confirmation);
  const mails = { toOwn: uuidv7(), toOld: uuidv7() };
  const deletion = await undoTryOnError(deps, confirmation, () =>
    deleteAccount(deps.db, confirmation, owners, mails, caller, deps.now()),
  );
  if (deletion === undefined) throw noLongerConfirmed();
  for (const id of Object.values(mails)) deps.after(deps.mailQueue.send({ id }));
  return deletion;
}
