/** Reads the refresh token of a request, and which device it came from, without a trip. */
import type { Transport } from '../caller.ts';
import type { Deps } from '../deps.ts';
import { decodeDeviceToken } from '../guard/device.ts';
import type { Claim } from '../store/shown-token.ts';
import { decodeRefreshToken, hashSessionSecret, type RefreshToken } from '../token/refresh-token.ts';

export type Shown = {
  refreshToken: string | undefined;
  /**
   * The device token, which tells the device of the owner from that of a thief. An expired or foreign one counts as
   * none.
   */
  deviceToken?: string | undefined;
  transport: Transport;
};

/** Undefined without a token, for one that we did not sign, and for one past its absolute expiry. */
export async function readShown(
  { config }: Deps,
  { refreshToken, deviceToken, transport }: Shown,
  now: Date,
): Promise<{ token: RefreshToken; claim: Claim } | undefined> {
  const keys = config.refreshTokenSecrets;
  const token = refreshToken === undefined ? undefined : await decodeRefreshToken(keys, refreshToken, now);
  if (token === undefined) return undefined;
  // The version of the password is not compared: a new password ends each session or gives it a new device.
  const device = await decodeDeviceToken(keys, deviceToken, now);
  const { sessionId, generation, secret } = token;
  const secretHash = hashSessionSecret(secret);
  return { token, claim: { sessionId, generation, secretHash, transport, deviceId: device?.id ?? null } };
}
