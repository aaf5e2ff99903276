/**
 * The lockout rule. A try is counted before the password is checked. The counters have the same keys for an address
 * with an account and for one without.
 *
 * - A try from an unknown device is counted twice: for the address and the client's network, and for the address and
 *   all strangers together.
 * - A try from a known device is counted only in the counter of that device. So no stranger can lock it out.
 *
 * store/attempts.ts has what the counters do with these numbers.
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

/** The `Retry-After` when waiting does not help and only a reset does. */
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
 * The counter of a live session whose bearer is asked for the password again. A stolen access token gets as many
 * guesses as a device, and does not affect others. For `countTry` with `isKnown` true.
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

/**
 * The counter of codes of an authenticator app at a login. Only somebody with the right password comes this far, so a
 * stranger cannot aim it at the owner. It is not one of the password's counters: a reset does not clear it, or a thief
 * of the mailbox could guess without end. What many failures in a row cause is in store/factor-failures.ts.
 */
export function counterOfCodes(config: ApiConfig, userId: string): Counter {
  return {
    key: lockoutKey(config, userId, 'codes'),
    ownerKey: lockoutKey(config, userId, 'codes of'),
    forKnown: true,
    budget: 5,
    windowSeconds: 900,
    waits: [900],
    maxInARow: NEVER,
  };
}

/** Failures in a row are remembered, and lock nothing. */
const NEVER = 1_000_000;

/** Counts the addresses that one client fails for. It locks nobody; an operator is told. */
export const addressCountOf = (config: ApiConfig, client: string | null): AddressCount => ({
  key: lockoutKey(config, 'addresses', client ?? 'none'),
  max: config.loginSprayAddresses,
  windowSeconds: config.loginTriesSeconds,
});

/** The owner keys of all counters of a person. */
export const counterOwners = (
  config: ApiConfig,
  { email, userId }: { email: string; userId: string },
): Uint8Array[] => [lockoutKey(config, email), lockoutKey(config, userId)];

/** Of a person who leaves: besides, the counter of codes, which a reset does not clear. */
export const allCounterOwners = (
  config: ApiConfig,
  person: { email: string; userId: string },
): Uint8Array[] => [...counterOwners(config, person), lockoutKey(config, person.userId, 'codes of')];

/**
 * The key of a counter; without `parts`, the key of its owner. The table holds no addresses, so a stolen copy does not
 * say who was attacked. The secret is the one that is never rotated: a rotation would make all counters start again.
 */
const lockoutKey = ({ passwordSaltSecret }: ApiConfig, whose: string, ...parts: string[]): Uint8Array =>
  createHmac('sha256', deriveKey(passwordSaltSecret, 'lockout'))
    .update([whose, ...parts].join('\n'))
    .digest();
