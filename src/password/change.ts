/**
 * Change password. All other sessions end. This session continues with new tokens and a new device, so copies of the
 * old ones stop working. The same request sent again within a few minutes, by the session that made the change, gets
 * an answer again: the first answer may have been lost.
 */
import { v7 as uuidv7 } from 'uuid';
import type { Bearer, Caller, Transport } from '../caller.ts';
import type { Deps } from '../deps.ts';
import { encodeDeviceToken } from '../guard/device.ts';
import { undoTryOnError } from '../guard/undo-try.ts';
import { canonicalPassword } from '../lib/password-hash.ts';
import { later } from '../lib/time.ts';
import { Refusal } from '../refusal.ts';
import { type Renewed, repeatPasswordChange, changePassword as replacePassword } from '../store/passwords.ts';
import { issueTokens, type Tokens } from '../token/issue.ts';
import { hashSessionSecret, newSessionSecret } from '../token/refresh-token.ts';
import { confirmEither, noLongerConfirmed } from './confirm.ts';
import { assertAcceptable, assertLength } from './policy.ts';

export type ChangePasswordInput = {
  currentPassword: string;
  newPassword: string;
  /** How the new tokens travel: the same way as those of the session. */
  transport: Transport;
};

/** @throws Refusal `invalid_token`; `wrong_password`; `login_locked`; `validation_failed`, `password_blocked`; `overloaded` */
export async function changePassword(
  deps: Deps,
  caller: Caller,
  bearer: Bearer,
  { currentPassword, newPassword, transport }: ChangePasswordInput,
): Promise<Tokens & { deviceToken: string }> {
  const { config } = deps;
  const chosen = { password: newPassword, path: 'newPassword' };
  assertLength(config, chosen);
  assertOther(newPassword, currentPassword);
  const passwords: [string, string] = [currentPassword, newPassword];
  const { confirmation, isRepeated } = await confirmEither(deps, caller, bearer, passwords);
  const { name, email } = confirmation;
  const secret = newSessionSecret();
  const deviceId = uuidv7();
  const renewal = {
    secretHash: hashSessionSecret(secret),
    deviceId,
    idleSeconds: config.sessionIdleSeconds,
  };
  const renewed = await undoTryOnError(deps, confirmation, async (): Promise<Renewed | undefined> => {
    assertTransport(transport, confirmation.transport);
    if (isRepeated) return repeatPasswordChange(deps.db, confirmation, renewal, deps.now());
    await assertAcceptable(deps, { ...chosen, name, email });
    const passwordHash = await deps.passwords.hash(newPassword, email);
    const changed = await replacePassword(
      deps.db,
      confirmation,
      { ...renewal, passwordHash },
      caller,
      deps.now(),
    );
    if (changed) deps.after(deps.mailQueue.send({ id: changed.mailId }));
    return changed;
  });
  if (renewed === undefined) throw noLongerConfirmed();

  const now = deps.now();
  const { userId, passwordChangedAt } = { ...bearer, ...renewed };
  const tokens = await issueTokens(config, { ...bearer, ...renewed, generation: 0, secret }, now);
  const device = { id: deviceId, userId, passwordChangedAt, email };
  const expiresAt = later(now, config.deviceTokenSeconds);
  return { ...tokens, deviceToken: await encodeDeviceToken(config.refreshTokenSecrets, device, expiresAt) };
}

/**
 * A refresh token that lives in a cookie must never appear in a body (OWASP ASVS 3.3.4), and a body token would not be
 * accepted as a cookie.
 */
function assertTransport(requested: Transport, own: Transport): void {
  if (requested === own) return;
  const errors = [{ path: 'X-Gatehouse-Transport', message: `must be ${own}, as for this session's login` }];
  throw new Refusal('validation_failed', { members: { errors } });
}

/** Compares only what was sent, so it tells nothing about the real password and needs no trip. */
function assertOther(newPassword: string, currentPassword: string): void {
  if (canonicalPassword(newPassword) !== canonicalPassword(currentPassword)) return;
  const errors = [{ path: 'newPassword', message: 'is the same as the current one' }];
  throw new Refusal('validation_failed', { members: { errors } });
}
