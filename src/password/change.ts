/**
 * Change password: whoever else was logged in with the old one is logged out; this session stays, and so does its
 * device, which is given a token for the new password.
 */
import { v7 as uuidv7 } from 'uuid';
import type { Deps } from '../deps.ts';
import { encodeDeviceToken } from '../guard/device.ts';
import { takingBack } from '../guard/taking-back.ts';
import { canonicalPassword } from '../lib/password-hash.ts';
import { Refusal } from '../refusal.ts';
import { later } from '../store/db.ts';
import type { Caller } from '../store/events.ts';
import { changePassword as replacePassword } from '../store/passwords.ts';
import type { Bearer } from '../store/users.ts';
import { confirmPassword, noLongerConfirmed } from './confirm.ts';
import { assertAcceptable, assertLength } from './policy.ts';

export type ChangePasswordInput = { currentPassword: string; newPassword: string };

/** @throws Refusal `invalid_token`; `wrong_password`; `login_locked`; `validation_failed`, `password_blocked`; `overloaded` */
export async function changePassword(
  deps: Deps,
  caller: Caller,
  bearer: Bearer,
  { currentPassword, newPassword }: ChangePasswordInput,
): Promise<{ deviceToken: string }> {
  const chosen = { password: newPassword, path: 'newPassword' };
  assertLength(deps.config, chosen);
  assertOther(newPassword, currentPassword);
  const confirmation = await confirmPassword(deps, caller, bearer, currentPassword);
  const { name, email } = confirmation;
  const changed = await takingBack(deps, confirmation, async () => {
    await assertAcceptable(deps, { ...chosen, name, email });
    const passwordHash = await deps.passwords.hash(newPassword, email);
    return replacePassword(deps.db, confirmation, passwordHash, caller, deps.now());
  });
  if (changed === undefined) throw noLongerConfirmed();
  deps.after(deps.mailQueue.send({ id: changed.mailId }));

  const { passwordChangedAt } = changed;
  const device = { id: uuidv7(), userId: bearer.userId, passwordChangedAt, email };
  const expiresAt = later(deps.now(), deps.config.deviceTokenSeconds);
  return { deviceToken: await encodeDeviceToken(deps.config.refreshTokenSecrets, device, expiresAt) };
}

/** Judged by what was sent, so it tells nothing of the real password and needs no trip. */
function assertOther(newPassword: string, currentPassword: string): void {
  if (canonicalPassword(newPassword) !== canonicalPassword(currentPassword)) return;
  const errors = [{ path: 'newPassword', message: 'is the same as the current one' }];
  throw new Refusal('validation_failed', { members: { errors } });
}
