/** Deletion: asked for with the password, done in one trip, told to the address that was the person's. */
import type { Deps } from '../deps.ts';
import { counterOwners } from '../guard/lockout.ts';
import { takingBack } from '../guard/taking-back.ts';
import { confirmPassword, noLongerConfirmed } from '../password/confirm.ts';
import { deleteAccount } from '../store/accounts.ts';
import type { Caller } from '../store/events.ts';
import type { Bearer } from '../store/users.ts';

/** @throws Refusal `invalid_token`; `wrong_password`; `overloaded` */
export async function deleteMe(deps: Deps, caller: Caller, bearer: Bearer, password: string): Promise<void> {
  const confirmation = await confirmPassword(deps, caller, bearer, password);
  const owners = counterOwners(deps.config, confirmation);
  const mailId = await takingBack(deps, confirmation, () =>
    deleteAccount(deps.db, confirmation, owners, caller, deps.now()),
  );
  if (mailId === undefined) throw noLongerConfirmed();
  deps.after(deps.mailQueue.send({ id: mailId }));
}
