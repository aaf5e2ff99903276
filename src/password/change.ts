/** Change password: whoever else was logged in with the old one is logged out; this session stays. */
import type { Deps } from '../deps.ts';
import type { Caller } from '../store/events.ts';
import { changePassword as replacePassword } from '../store/passwords.ts';
import type { Bearer } from '../store/users.ts';
import { confirmPassword, noLongerConfirmed } from './confirm.ts';
import { assertAcceptable } from './policy.ts';

export type ChangePasswordInput = { currentPassword: string; newPassword: string };

/** @throws Refusal `validation_failed`; `invalid_token`; `wrong_password`; `overloaded` */
export async function changePassword(
  deps: Deps,
  caller: Caller,
  bearer: Bearer,
  { currentPassword, newPassword }: ChangePasswordInput,
): Promise<void> {
  assertAcceptable(newPassword, 'newPassword', deps.config);
  const confirmation = await confirmPassword(deps, caller, bearer, currentPassword);
  const passwordHash = await deps.passwords.hash(newPassword, confirmation.email);
  const mailId = await replacePassword(deps.db, confirmation, passwordHash, caller, deps.now());
  if (mailId === undefined) throw noLongerConfirmed();
  deps.after(deps.mailQueue.send({ id: mailId }));
}
