/** A refresh token as a request shows it, read without a trip: what it says, and which device it came with. */
import type { Transport } from '../caller.ts';
import type { Deps } from '../deps.ts';
import { decodeDeviceToken } from '../guard/device.ts';
import type { Claim } from '../store/shown-token.ts';
import { decodeRefreshToken, hashSessionSecret, type RefreshToken } from '../token/refresh-token.ts';

export type Shown = {
  refreshToken: string | undefined;
  /** What tells the owner's device from a thief's. One that has expired, or that we did not sign, is none. */
  deviceToken?: string | undefined;
  transport: Transport;
};

/** Undefined for none, for one that we did not sign, and for one past its absolute expiry. */
export async function readShown(
  { config }: Deps,
  { refreshToken, deviceToken, transport }: Shown,
  now: Date,
): Promise<{ token: RefreshToken; claim: Claim } | undefined> {
  const keys = config.refreshTokenSecrets;
  const token = refreshToken === undefined ? undefined : await decodeRefreshToken(keys, refreshToken, now);
  if (token === undefined) return undefined;
  // The version of the password does not count here: with a new password every session gets a new device, or ends.
  const device = await decodeDeviceToken(keys, deviceToken, now);
  const { sessionId, generation, secret } = token;
  const secretHash = hashSessionSecret(secret);
  return { token, claim: { sessionId, generation, secretHash, transport, deviceId: device?.id ?? null } };
}
