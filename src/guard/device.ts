/**
 * Known devices. A login leaves a signed token with the device. The next login that sends this token comes from a
 * device of the person. The token opens nothing; it only tells the devices of the owner from those of strangers, for
 * notices and for the lockout. It is bound to the person and to the version of the password, so a reset or a change of
 * the password forgets every device. Nothing about devices is stored.
 */
import { createHmac } from 'node:crypto';
import * as z from 'zod';
import { readToken, signToken } from '../lib/jws.ts';
import { deriveKey, type Key, type KeyRing } from '../lib/key-ring.ts';

/** `id` is random and stays the same for all logins of one person on this device. */
export type Device = {
  id: string;
  userId: string;
  passwordChangedAt: Date;
  /** The person asked not to be asked for the second factor here. */
  trust?: Trust | undefined;
};

/** For the second factors of that time only (`users.mfa_epoch`), and never for longer than was said at its beginning. */
export type Trust = { mfaEpoch: number; until: Date };

/** `adr` is a MAC of the address that logged in. It shows without a trip who is logging in again. */
const deviceToken = {
  typ: 'dt+jwt',
  claims: z.object({
    jti: z.uuid(),
    sub: z.uuid(),
    pwv: z.int(),
    adr: z.string(),
    exp: z.int(),
    tru: z.object({ epo: z.int(), exp: z.int() }).optional(),
  }),
  /** A separate key, derived from that of the refresh tokens. So neither kind of token can pass for the other. */
  keyOf: ({ secret }: Key): Uint8Array => deriveKey(secret, 'device token'),
};

export function encodeDeviceToken(
  keys: KeyRing,
  device: Device & { email: string },
  expiresAt: Date,
): Promise<string> {
  const { id: jti, userId: sub, passwordChangedAt, trust } = device;
  const exp = Math.floor(expiresAt.getTime() / 1_000);
  const adr = addressMac(keys[0], device.email);
  const tru = trust && { epo: trust.mfaEpoch, exp: Math.floor(trust.until.getTime() / 1_000) };
  return signToken(deviceToken, keys, {
    jti,
    sub,
    pwv: passwordChangedAt.getTime(),
    adr,
    exp,
    ...(tru && { tru }),
  });
}

/** The device of a token. Undefined without a token, for one that we did not sign, and for an expired one. */
export async function decodeDeviceToken(
  keys: KeyRing,
  token: string | undefined,
  now: Date,
): Promise<Device | undefined> {
  const claims = token === undefined ? undefined : await readToken(deviceToken, keys, token, now);
  if (claims === undefined) return undefined;
  const { jti: id, sub: userId, pwv, tru } = claims;
  const trust = tru && { mfaEpoch: tru.epo, until: new Date(tru.exp * 1_000) };
  return { id, userId, passwordChangedAt: new Date(pwv), trust };
}

/** Whether this person has logged in on the device with the current password. */
export const knownDevice = (
  device: Device | undefined,
  person: { id: string; passwordChangedAt: Date },
): device is Device =>
  device?.userId === person.id && device.passwordChangedAt.getTime() === person.passwordChangedAt.getTime();

/**
 * The account whose device this is, if it has logged in with this address. This takes no trip, so it does not say
 * whether the password is still the same. It lifts a limit that others have used up, only for logins to that account.
 */
export async function accountOfDevice(
  keys: KeyRing,
  token: string | undefined,
  email: string,
  now: Date,
): Promise<string | undefined> {
  const claims = token === undefined ? undefined : await readToken(deviceToken, keys, token, now);
  return keys.some((key) => addressMac(key, email) === claims?.adr) ? claims?.sub : undefined;
}

const addressMac = ({ secret }: Key, email: string): string =>
  createHmac('sha256', deriveKey(secret, 'address of a device')).update(email).digest('base64url');
