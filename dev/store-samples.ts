/** Sample values for calls of the verbs of the store, where only the SQL matters. */
import { randomUUID } from 'node:crypto';
import { passwordProof } from '../src/store/password-proof.ts';

export const now = new Date();
export const caller = { client: null, userAgent: null, place: null, requestId: 'plans' };
export const code = { mailId: randomUUID(), keyId: 'k1', mac: new Uint8Array(32), expiresAt: now };
export const claim = {
  sessionId: randomUUID(),
  generation: 1,
  secretHash: new Uint8Array(32),
  transport: 'cookie' as const,
  deviceId: randomUUID(),
};
export const bearer = { userId: randomUUID(), sessionId: randomUUID() };
export const someone = 'person-77777@example.com';
export const recipientKeys = [new Uint8Array(32), new Uint8Array(31)] as const;
export const device = { userId: bearer.userId, passwordChangedAt: now };
const counter = { ownerKey: new Uint8Array(16), budget: 5, windowSeconds: 900, waits: [1_800] };
/** The counters of the client, of all strangers, and of the device. */
export const counters = [
  { ...counter, key: new Uint8Array(16), forKnown: false, maxInARow: null },
  { ...counter, key: new Uint8Array(17), forKnown: false, maxInARow: 100 },
  { ...counter, key: new Uint8Array(18), forKnown: true, maxInARow: 100 },
];
export const confirmation = {
  ...bearer,
  email: someone,
  name: 'x',
  passwordChangedAt: now,
  transport: 'body' as const,
  mfaEpoch: 0,
  factors: { totp: true, passkeys: 1, recoveryCodes: 9, isRequired: false },
  material: { totp: null, recovery: null, passkey: null },
  counters,
  isKnownDevice: true,
};
export const challenge = {
  sessionId: randomUUID(),
  userId: bearer.userId,
  passwordChangedAt: now,
  mfaEpoch: 0,
};
export const spends = {
  code: { method: 'totp' as const, step: 1, resealed: { keyId: 'k1', bytes: new Uint8Array(48) } },
  recovery: { method: 'recovery' as const, setId: randomUUID(), index: 3 },
};
export const renewal = { secretHash: claim.secretHash, deviceId: randomUUID(), idleSeconds: 60 };
export const owners = [new Uint8Array(16), new Uint8Array(17)];
export const retention = { mailSeconds: 30 * 86_400, suppressionSeconds: 180 * 86_400 };
export const proof = passwordProof(
  {
    userId: bearer.userId,
    email: someone,
    passwordChangedAt: now,
    rehashed: null,
    tried: { counters, isKnownDevice: false },
  },
  now,
);
