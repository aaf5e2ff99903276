/**
 * The lockout rule. A try is counted before the password is judged, under keys that are the same for an address with
 * an account and one without. Whoever tries from an unknown device meets two counters: one for the address and the
 * client's network, one for the address and all strangers together. A device that has logged in before meets only
 * its own, so that no stranger can slow it down. What the counters do with these numbers is store/attempts.ts.
 */

import { createHmac } from 'node:crypto';
import type { Bearer } from '../caller.ts';
import type { ApiConfig } from '../config/read.ts';
import { deriveKey } from '../lib/key-ring.ts';
import type { AddressCount } from '../store/address-count.ts';
import type { Counter } from '../store/attempts.ts';
import type { Device } from './device.ts';

const STRANGER_WINDOW_SECONDS = 3_600;
const STRANGER_WAITS = [30, 60, 120, 300, 900] as const;

/** Sent with a refusal that no waiting ends: only a reset does. */
export const LONGEST_WAIT_SECONDS = 900;

export function countersOf(
  config: ApiConfig,
  email: string,
  client: string | null,
  device: Device | undefined,
): Counter[] {
  const key = (...parts: string[]) => lockoutKey(config, email, ...parts);
  const ownerKey = key();
  const own = {
    ownerKey,
    budget: config.loginTries,
    windowSeconds: config.loginTriesSeconds,
    waits: [config.loginLockSeconds],
  };
  const strangers = {
    ownerKey,
    budget: config.loginStrangerTries,
    windowSeconds: STRANGER_WINDOW_SECONDS,
    waits: STRANGER_WAITS,
    maxInARow: config.loginFailuresInARow,
  };
  return [
    { ...own, key: key('client', client ?? 'none'), forKnown: false, maxInARow: null },
    { ...strangers, key: key('strangers'), forKnown: false },
    ...(device
      ? [
          {
            ...own,
            key: key('device', device.id),
            forKnown: true,
            maxInARow: config.loginFailuresInARow,
          },
        ]
      : []),
  ];
}

/**
 * The counter of a live session whose bearer is asked for the password again: a stolen access token gets as many
 * guesses as a device, and no others are affected. For `countTry` with `isKnown` true.
 */
export function counterOfSession(config: ApiConfig, { userId, sessionId }: Bearer): Counter {
  return {
    key: lockoutKey(config, userId, 'session', sessionId),
    ownerKey: lockoutKey(config, userId),
    forKnown: true,
    budget: config.loginTries,
    windowSeconds: config.loginTriesSeconds,
    waits: [config.loginLockSeconds],
    maxInARow: config.loginFailuresInARow,
  };
}

/** The count of addresses that one client fails for. It locks nobody: an operator is told. */
export const addressCountOf = (config: ApiConfig, client: string | null): AddressCount => ({
  key: lockoutKey(config, 'addresses', client ?? 'none'),
  max: config.loginSprayAddresses,
  windowSeconds: config.loginTriesSeconds,
});

/** The owner keys of all that is counted for a person. */
export const counterOwners = (
  config: ApiConfig,
  { email, userId }: { email: string; userId: string },
): Uint8Array[] => [lockoutKey(config, email), lockoutKey(config, userId)];

/**
 * The key of a counter, or, without `parts`, of whose it is. The table holds no address: a stolen copy of it does not
 * say who was attacked. The secret is the one that is never rotated: else a rotation would reopen what is closed.
 */
const lockoutKey = ({ passwordSaltSecret }: ApiConfig, whose: string, ...parts: string[]): Uint8Array =>
  createHmac('sha256', deriveKey(passwordSaltSecret, 'lockout'))
    .update([whose, ...parts].join('\n'))
    .digest();
