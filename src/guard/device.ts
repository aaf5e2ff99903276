/**
 * Known devices: a login leaves a signed token with the device, and the next login that shows it comes from where
 * the person has been before. It opens nothing; it only tells the owner's devices from a stranger's, for notices
 * and for lockout. It is bound to the person and to the version of the password, so a reset or a change of the
 * password forgets every device, and nothing about devices is stored.
 */
import { createHmac } from 'node:crypto';
import * as z from 'zod';
import { readToken, signToken } from '../lib/jws.ts';
import { deriveKey, type Key, type KeyRing } from '../lib/key-ring.ts';

/** `id` is random and stays with the device from login to login of one person. */
export type Device = { id: string; userId: string; passwordChangedAt: Date };

/** `adr` is a MAC of the address it logged in with: it tells, before the database is asked, who logs in again. */
const deviceToken = {
  typ: 'dt+jwt',
  claims: z.object({ jti: z.uuid(), sub: z.uuid(), pwv: z.int(), adr: z.string(), exp: z.int() }),
  /** A key of its own, made from that of the refresh tokens: neither token can ever pass for the other. */
  keyOf: ({ secret }: Key): Uint8Array => deriveKey(secret, 'device token'),
};

export function encodeDeviceToken(
  keys: KeyRing,
  device: Device & { email: string },
  expiresAt: Date,
): Promise<string> {
  const { id: jti, userId: sub, passwordChangedAt } = device;
  const exp = Math.floor(expiresAt.getTime() / 1_000);
  const adr = addressMac(keys[0], device.email);
  return signToken(deviceToken, keys, { jti, sub, pwv: passwordChangedAt.getTime(), adr, exp });
}

/** Who a device token was given to; undefined for none, for one we did not sign, and for an expired one. */
export async function decodeDeviceToken(
  keys: KeyRing,
  token: string | undefined,
  now: Date,
): Promise<Device | undefined> {
  const claims = token === undefined ? undefined : await readToken(deviceToken, keys, token, now);
  return claims && { id: claims.jti, userId: claims.sub, passwordChangedAt: new Date(claims.pwv) };
}

/** Whether this person has logged in there with the password of today. */
export const knownDevice = (
  device: Device | undefined,
  person: { id: string; passwordChangedAt: Date },
): device is Device =>
  device?.userId === person.id && device.passwordChangedAt.getTime() === person.passwordChangedAt.getTime();

/**
 * The account whose device this is, when it has logged in with this address: no trip, and so not whether the password
 * is still that one. It lifts a limit that others have used up, for logins to that account alone.
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
