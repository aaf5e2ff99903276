/** The account of the known device that a request shows (guard/device.ts). It lifts limits that neighbours have used up. */
import { accountOfDevice } from '../guard/device.ts';
import type { AppContext } from './context.ts';
import { deviceTokenOf, transportOf } from './transport.ts';

/** For endpoints whose body names an address. Undefined when the device has not logged in with that address. */
export async function accountOfShownDevice(
  c: AppContext,
  body: { email: string; deviceToken?: string | undefined },
): Promise<string | undefined> {
  const { config, now } = c.get('deps');
  const token = deviceTokenOf(c, transportOf(c), body);
  return accountOfDevice(config.refreshTokenSecrets, token, body.email, now());
}
