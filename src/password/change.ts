/** Change password: whoever else was logged in with the old one is logged out; this session stays,
 * and so does its device, which is given a token for the new password. */
import { v7 as uuidv7 } from 'uuid';
import type { Deps } from '../deps.ts';
import { encodeDeviceToken } from '../guard/device.ts';
import { later } from '../store/db.ts';
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
): Promise<{ deviceToken: string }> {
  assertAcceptable(newPassword, 'newPassword', deps.config);
  const confirmation = await confirmPassword(deps, caller, bearer, currentPassword);
  const passwordHash = await deps.passwords.hash(newPassword, confirmation.email);
  const changed = await replacePassword(deps.db, confirmation, passwordHash, caller, deps.now());
  if (changed === undefined) throw noLongerConfirmed();
  deps.after(deps.mailQueue.send({ id: changed.mailId }));

  const device = { id: uuidv7(), userId: bearer.userId, passwordChangedAt: changed.passwordChangedAt };
  const expiresAt = later(deps.now(), deps.config.deviceTokenSeconds);
  return { deviceToken: await encodeDeviceToken(deps.config.refreshTokenSecrets, device, expiresAt) };
}
