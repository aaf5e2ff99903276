/**
 * The token of a device that has logged in before. It opens nothing: it only says whose device this is, so that
 * failures of strangers do not slow its owner down (see lockout.ts). Stateless: base64url(user ‖ device ‖ time ‖ MAC).
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { stringify as uuidFromBytes, parse as uuidToBytes } from 'uuid';
import type { Key, KeyRing } from '../lib/key-ring.ts';
import type { KnownDevice } from './lockout.ts';

const ID_BYTES = 16;
const TIME_BYTES = 6;
const PAYLOAD_BYTES = 2 * ID_BYTES + TIME_BYTES;
const MAC_BYTES = 32;

const mac = ({ secret }: Key, payload: Uint8Array): Buffer =>
  createHmac('sha256', secret).update('device token\n').update(payload).digest();

export function encodeDeviceToken([key]: KeyRing, { userId, deviceId, issuedAt }: KnownDevice): string {
  const time = Buffer.alloc(TIME_BYTES);
  time.writeUIntBE(issuedAt.getTime(), 0, TIME_BYTES);
  const payload = Buffer.concat([uuidToBytes(userId), uuidToBytes(deviceId), time]);
  return Buffer.concat([payload, mac(key, payload)]).toString('base64url');
}

/** Null for anything that we did not sign: such a device is a stranger, and is told nothing. */
export function decodeDeviceToken(keys: KeyRing, token: string | undefined): KnownDevice | null {
  const raw = Buffer.from(token ?? '', 'base64url');
  if (raw.length !== PAYLOAD_BYTES + MAC_BYTES || raw.toString('base64url') !== token) return null;
  const payload = raw.subarray(0, PAYLOAD_BYTES);
  const found = raw.subarray(PAYLOAD_BYTES);
  if (!keys.some((key) => timingSafeEqual(found, mac(key, payload)))) return null;
  return {
    userId: uuidFromBytes(payload.subarray(0, ID_BYTES)),
    deviceId: uuidFromBytes(payload.subarray(ID_BYTES, 2 * ID_BYTES)),
    issuedAt: new Date(payload.readUIntBE(2 * ID_BYTES, TIME_BYTES)),
  };
}
